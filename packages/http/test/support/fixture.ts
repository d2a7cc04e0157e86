import { join } from 'node:path';
import { type Bundle, bundle } from '@outlive/test-support/bundle';

/** A script that runs in a process of its own. */
export interface Fixture extends Bundle {
  readonly path: string;
}

/** Makes `fixtures/<name>.mjs` ready to run. */
export async function makeFixture(name: string): Promise<Fixture> {
  const made = await bundle(join(__dirname, '../fixtures'), [`${name}.mjs`]);
  return { ...made, path: join(made.folder, `${name}.mjs`) };
}
