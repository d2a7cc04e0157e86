/** The code that a promise rejects with; throws if it does not. */
export async function failureOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  throw new Error('It did not fail');
}
