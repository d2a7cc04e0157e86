import { memoryBackend } from '@outlive/durable';
import { conforms } from '../../support/conforms.ts';

describe('memoryBackend()', () => {
  conforms(4, () => memoryBackend());
});
