import type { StandardSchema } from '@outlive/durable';

/** Takes an order with a number in text, and makes it a number. */
export const orderSchema: StandardSchema<{ id: string }, { id: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      const id = Number((value as { id?: unknown }).id);
      return Number.isNaN(id)
        ? { issues: [{ message: 'id is no number', path: ['id'] }] }
        : { value: { id } };
    },
  },
};
