import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createPlainServer } from 'node:net';
import { defineJob, type DurableJobs, memoryBackend, openJobs } from '@outlive/durable';
import { jobsMiddleware, Scheduler, spawn } from '@outlive/express';
import { inspector } from '@outlive/inspector';
import express from 'express';
import { deferred } from '@outlive/test-support/deferred';
import { closeServer, listen, portOf } from '@outlive/test-support/server';

/** An app with jobs that end when the test says so, and the page at `/_jobs/`. */
export class Shop {
  readonly web: Scheduler = new Scheduler({
    name: 'web',
    limit: 2,
    exceptionHandler: () => undefined,
  });
  readonly jobs: DurableJobs;
  charges = 0;
  /** Whether the page may be seen. */
  isOpen = true;
  #work = deferred();
  #server: Server;
  readonly #app = express();

  private constructor(jobs: DurableJobs) {
    this.jobs = jobs;
    this.#server = createServer(this.#app);
  }

  static async open(): Promise<Shop> {
    const charge = defineJob(
      'charge',
      ({ fails }: { fails: boolean }) => {
        shop.charges += 1;
        if (fails && shop.charges === 1) throw new Error('The card was declined');
      },
      { retries: 0 },
    );
    const jobs = await openJobs({
      name: 'payments',
      jobs: [charge],
      backend: memoryBackend(),
      exceptionHandler: () => undefined,
    });
    const shop = new Shop(jobs);
    await jobs.enqueue(charge, { fails: true });
    shop.#mount();
    await listen(shop.#server);
    return shop;
  }

  get port(): number {
    return portOf(this.#server);
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}/_jobs/`;
  }

  /** Spawns a job from a request, which ends with {@link endJobs} or when it is cancelled. */
  async order(path: string): Promise<void> {
    await fetch(`http://127.0.0.1:${this.port}${path}`, { method: 'POST' });
  }

  endJobs(): void {
    this.#work.resolve();
    this.#work = deferred();
  }

  /** Ends all connections, as a proxy may. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  /** As a deploy does: for a while nobody answers. */
  async restart(whileDown: () => Promise<void>): Promise<void> {
    const { port } = this;
    const closed = closeServer(this.#server);
    // The port stays taken, or the system might give it to somebody else.
    const keeper = createPlainServer((socket) => socket.destroy());
    await once(keeper.listen(port, '127.0.0.1'), 'listening');
    await closed;
    await whileDown();
    keeper.close();
    this.#server = createServer(this.#app);
    await once(this.#server.listen(port, '127.0.0.1'), 'listening');
  }

  async close(): Promise<void> {
    this.endJobs();
    await closeServer(this.#server);
    await this.jobs.close();
    await this.web.close();
  }

  #mount(): void {
    this.#app.use(
      '/_jobs',
      inspector([this.web, this.jobs], {
        title: 'Shop jobs',
        authorize: () => this.isOpen,
        payloads: true,
      }),
    );
    this.#app.use(jobsMiddleware({ scheduler: this.web, drainOnClose: false }));
    this.#app.post('/*path', async (req, res) => {
      await spawn(
        req,
        ({ signal }) =>
          new Promise<void>((resolve, reject) => {
            void this.#work.promise.then(resolve);
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          }),
        { name: decodeURIComponent(req.path.slice(1)) },
      );
      res.sendStatus(202);
    });
  }
}
