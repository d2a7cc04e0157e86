// @ts-check

/**
 * The results as a table.
 * @param {readonly Awaited<ReturnType<typeof import('./roll.mjs').roll>>[]} results
 */
export function tell(results) {
  const head = ['', '', 'requests', 'failed', 'jobs lost', 'jobs twice', 'servers killed'];
  const rows = results.map((result) => [
    result.mode === 'with' ? result.framework : '',
    result.mode === 'with' ? 'with Outlive' : 'without',
    result.requestCount,
    result.failedCount,
    result.lostCount,
    result.duplicateCount,
    result.exits.filter((exit) => exit === 'SIGKILL').length,
  ]);
  return [head, ...rows]
    .map(([framework, mode, ...counts]) =>
      [
        String(framework).padEnd(8),
        String(mode).padEnd(13),
        ...counts.map((count, column) =>
          String(count).padStart((head[column + 2] ?? '').length + 2),
        ),
      ].join(''),
    )
    .join('\n');
}
