import type { ChainableCommander } from 'ioredis';

/**
 * The answers to the commands of a pipeline, or of a transaction.
 *
 * @throws the error of the first command that failed (rejects)
 */
export async function answersOf(commands: ChainableCommander): Promise<unknown[]> {
  const answers = (await commands.exec()) ?? [];
  return answers.map(([error, answer]) => {
    if (error !== null) throw error;
    return answer;
  });
}
