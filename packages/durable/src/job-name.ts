import { expected } from '@outlive/core/internal';

const nameFormat = /^[A-Za-z0-9_.-]{1,64}$/;

/** @throws TypeError for what some store could not take as a name */
export function checkJobName(option: string, name: unknown): string {
  if (typeof name === 'string' && nameFormat.test(name)) return name;
  throw new TypeError(expected(option, '1 to 64 of A-Z a-z 0-9 _ . -', name));
}
