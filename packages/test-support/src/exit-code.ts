/** The exit code that a shutdown sets is not that of the tests. */
export function keepExitCode(): void {
  let before: typeof process.exitCode;
  beforeEach(() => {
    before = process.exitCode;
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = before;
  });
}
