/** Characters of a message in a table. */
const longest = 80;

/** @returns that it is done */
export function printJson(value: unknown): true {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  return true;
}

export function printLine(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Apart from what a program reads. */
export function printProblem(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all) {
    printLine(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

export function shortened(text: string): string {
  const line = printable(text);
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** Without characters that a terminal obeys: messages come from wherever the job has been. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
