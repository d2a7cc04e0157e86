// @ts-check
/**
 * Jobs that number themselves in the order in which they start: results that count up from 0 prove that each ran
 * once and in order. They also count how many run at once: a contestant that ignores its limit cannot win.
 */
export class NumberedWork {
  started = 0;
  #active = 0;
  #mostActive = 0;

  /** The next job is the first again. */
  reset() {
    this.started = 0;
    this.#mostActive = 0;
  }

  /** Ends in the next turn of the event loop. @returns {Promise<number>} */
  ofOneTurn = () => {
    const number = this.started++;
    this.#active += 1;
    if (this.#active > this.#mostActive) this.#mostActive = this.#active;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#active -= 1;
        resolve(number);
      });
    });
  };

  /** As short as a job can be. @returns {Promise<number>} */
  trivial = async () => this.started++;

  /** @param {readonly number[]} results @param {number} count @param {number} limit */
  checkResults(results, count, limit) {
    this.checkCount(count, limit);
    if (results.length !== count) throw new Error(`${results.length} results of ${count} jobs`);
    const wrong = results.findIndex((result, index) => result !== index);
    if (wrong !== -1) throw new Error(`result ${wrong} is ${results[wrong]}`);
  }

  /** In whatever order. @param {readonly (number | undefined)[]} results @param {number} count */
  checkAll(results, count) {
    this.checkCount(count, Infinity);
    const { size } = new Set(results);
    if (size !== count) throw new Error(`${size} different results of ${count} jobs`);
  }

  /** @param {number} count @param {number} limit */
  checkCount(count, limit) {
    if (this.started !== count) throw new Error(`${this.started} of ${count} jobs ran`);
    if (this.#mostActive > limit) throw new Error(`${this.#mostActive} at once, limit ${limit}`);
  }
}
