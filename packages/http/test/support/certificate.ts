import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key and a certificate that it signed itself, for localhost: good for tests, and for nothing else. */
export const certificate = {
  key: readFileSync(join(__dirname, 'key.pem')),
  cert: readFileSync(join(__dirname, 'certificate.pem')),
};
