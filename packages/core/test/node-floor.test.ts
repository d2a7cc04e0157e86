import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaintAbout, floor } from '../src/node-floor.ts';
import { inChild } from './support/child.ts';

/** Loads a package in a process that says it is of this Node version. */
function loadedOn(node: string, source: string): ReturnType<typeof inChild> {
  // The child has loaded the package once already, on the real version.
  return inChild(`
    for (const file of Object.keys(require.cache)) delete require.cache[file];
    const versions = { ...process.versions, node: ${JSON.stringify(node)} };
    Object.defineProperty(process, 'versions', { value: versions });
    try {
      require(${JSON.stringify(join(__dirname, '../../', source))});
      console.log('loaded');
    } catch (error) {
      console.log(error.message);
    }
  `);
}

describe('a Node version below the oldest that is supported', () => {
  it.each(['18.20.8', '20.18.3', '19.9.0', '16.20.2'])('is refused: %s', (node) => {
    expect(complaintAbout({ node })).toBe(
      `Outlive needs Node ${floor} or newer, and this is Node ${node}`,
    );
  });

  it.each(['20.19.0', '20.20.2', '21.0.0', '22.0.0', '24.21.0', '26.10.0', '100.0.0-nightly'])(
    'is not %s',
    (node) => {
      expect(complaintAbout({ node })).toBe('');
    },
  );

  it('is not that which Bun and Deno claim to be', () => {
    expect(complaintAbout({ node: '18.0.0', bun: '1.3.0' })).toBe('');
    expect(complaintAbout({ node: '20.11.1', deno: '2.1.0' })).toBe('');
    expect(complaintAbout({})).toBe('');
  });

  it.each([
    'core/src/index.ts',
    'core/src/internal.ts',
    'http/src/index.ts',
    'durable/src/index.ts',
  ])('is refused at the import of %s', async (source) => {
    expect(await loadedOn('18.20.8', source)).toMatchObject({
      stdout: `Outlive needs Node ${floor} or newer, and this is Node 18.20.8\n`,
    });
  });

  it('is the one that the packages declare', () => {
    for (const name of ['core', 'http', 'express', 'koa', 'fastify', 'durable']) {
      const manifest = readFileSync(join(__dirname, '../../', name, 'package.json'), 'utf8');
      expect(JSON.parse(manifest)).toMatchObject({ engines: { node: `>=${floor}` } });
    }
  });
});
