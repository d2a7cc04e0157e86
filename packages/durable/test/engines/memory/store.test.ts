import { memoryBackend } from '@outlive/durable';
import { conformanceSuite } from '@outlive/durable/conformance';

const { tests, open, close } = conformanceSuite(() => memoryBackend());

beforeAll(open);
afterAll(close);

describe('memoryBackend()', () => {
  it.each(tests)('$title', async ({ run }) => run(), 60_000);
});
