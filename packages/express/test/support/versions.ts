import express from 'express';
import express4 from 'express4';

/** What is tested with both majors is tested with these. */
export const versions: readonly (readonly [name: string, framework: typeof express])[] = [
  ['Express 4', express4 as unknown as typeof express],
  ['Express 5', express],
];
