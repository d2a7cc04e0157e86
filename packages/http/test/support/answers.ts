/** The heads of the answers that a client has received, in order. */
export function heads(received: string): string[] {
  return received
    .split('HTTP/1.1 ')
    .slice(1)
    .map((answer) => answer.split('\r\n\r\n')[0] ?? '');
}

/** Which of the answers say that the connection ends with them. */
export function sayClose(received: string): boolean[] {
  return heads(received).map((head) => /^connection: close$/im.test(head));
}
