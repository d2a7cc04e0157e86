import { newJobId } from '../src/new-job-id.ts';

it('gives ids in their order, also more of them in a millisecond than fit, and when the clock goes back', () => {
  const times = jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000);
  const ids = Array.from({ length: 10_000 }, newJobId);
  times.mockReturnValue(1_600_000_000_000);
  ids.push(newJobId());
  times.mockRestore();
  ids.push(newJobId());
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids)
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
