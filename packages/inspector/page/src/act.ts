import { signal } from '@preact/signals';
import type { Action, ActionResult } from '../../src/wire.ts';
import { hello } from './live.ts';

/** Time in ms that a note stays. */
const noteLasts = 5_000;

export interface Note {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
}

/** What has come of the last calls. */
export const notes = signal<readonly Note[]>([]);

let lastNote = 0;

/** Asks the server to do something, and says what has come of it. */
export async function act(action: Action, done: string): Promise<void> {
  const problem = await call(action);
  lastNote += 1;
  const note = { id: lastNote, text: problem ?? done, isProblem: problem !== undefined };
  notes.value = [...notes.value, note].slice(-3);
  setTimeout(() => {
    notes.value = notes.value.filter((each) => each !== note);
  }, noteLasts);
}

/** Gives why it was not done, if it was not. */
async function call(action: Action): Promise<string | undefined> {
  try {
    const response = await fetch('actions', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Outlive-Token': hello.value?.token ?? '',
      },
      body: JSON.stringify(action),
    });
    const { done, reason = response.statusText } = (await response
      .json()
      .catch(() => ({ done: false }))) as ActionResult;
    return done ? undefined : `Not done: ${reason}`;
  } catch {
    return 'Not done: the server does not answer';
  }
}
