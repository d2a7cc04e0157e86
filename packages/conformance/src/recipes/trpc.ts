import { createServer } from 'node:http';
import { jobsListener, spawn } from '@outlive/http';
import { initTRPC } from '@trpc/server';
import { type CreateHTTPContextOptions, createHTTPHandler } from '@trpc/server/adapters/standalone';
import type { Recipe } from './recipe.ts';

const createContext = ({ req }: CreateHTTPContextOptions) => ({ req });

/** Procedures that run as jobs. */
export const trpc: Recipe = {
  name: 'tRPC',
  isAtomic: false,
  build: async (work, options) => {
    const t = initTRPC.context<typeof createContext>().create();
    const jobProcedure = t.procedure.use(async ({ ctx, path, next }) => {
      const job = await spawn(ctx.req, () => next(), { name: path, priority: 1 });
      return job.wait();
    });
    const router = t.router({ work: jobProcedure.query(({ ctx }) => work(ctx)) });
    const listener = jobsListener(createHTTPHandler({ router, createContext }), options);
    return { server: createServer(listener), scheduler: listener.scheduler, path: '/work' };
  },
};
