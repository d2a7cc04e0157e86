import { validatePayload } from '../../src/payload/validate-payload.ts';
import { orderSchema } from '../support/order-schema.ts';

describe('a payload with a schema', () => {
  it("is the schema's output", async () => {
    expect(await validatePayload('order', orderSchema, { id: '7' })).toEqual({ id: 7 });
  });

  it("is refused with the schema's issues", async () => {
    await expect(validatePayload('order', orderSchema, { id: 'x' })).rejects.toMatchObject({
      name: 'JobPayloadError',
      message: 'The payload of order is not what its schema allows: id is no number',
      issues: [{ message: 'id is no number', path: ['id'] }],
    });
  });
});

describe('a payload without a schema', () => {
  it('is taken as it is', async () => {
    const payload = { id: 'x' };
    expect(await validatePayload('order', undefined, payload)).toBe(payload);
  });
});
