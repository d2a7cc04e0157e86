/** What an earlier shutdown of this process has set. */
let ours: number | undefined;

/** Sets the exit code, unless the user's code has. Of several servers in one process the worst decides. */
export function setExitCode(code: 0 | 1): void {
  const { exitCode } = process;
  if (exitCode !== undefined && exitCode !== ours) return;
  ours = exitCode === undefined ? code : Math.max(exitCode, code);
  process.exitCode = ours;
}
