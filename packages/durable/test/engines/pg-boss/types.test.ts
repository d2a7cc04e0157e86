import type { PgBoss as Engine } from 'pg-boss' with { 'resolution-mode': 'import' };
import type { PgBoss } from '../../../src/engines/pg-boss/types.ts';

/** What these three answer is not in its types; the conformance tests of both stores see it. */
function use(engine: Engine): Omit<PgBoss, 'complete' | 'fail' | 'touch'> {
  return engine;
}

describe('the part of pg-boss that is used', () => {
  it('is there in the version that is installed', () => {
    expect(use).toBeInstanceOf(Function);
    expect(require('pg-boss/package.json')).toMatchObject({ version: '12.38.0' });
  });
});
