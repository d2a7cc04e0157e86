import { createServer, type IncomingMessage } from 'node:http';
import { jobsListener, spawn } from '@outlive/http';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import type { Recipe } from './recipe.ts';

interface Context {
  req: IncomingMessage;
}

/** Has queries and mutations run as jobs. */
const asJobs: Plugin<Context> = {
  onExecute: ({ executeFn, setExecuteFn }) => {
    setExecuteFn(async (args) => {
      const { req } = args.contextValue as Context;
      const job = await spawn(req, async () => executeFn(args), { name: 'graphql', priority: 1 });
      return job.wait();
    });
  },
};

/** What is executed runs as a job; not the whole listener, which never settles when a large answer is not read. */
export const yoga: Recipe = {
  name: 'GraphQL Yoga',
  isAtomic: false,
  build: async (work, options) => {
    const server = createYoga<Context>({
      logging: false,
      plugins: [asJobs],
      schema: createSchema<Context>({
        typeDefs: 'type Query { work: String }',
        resolvers: {
          Query: { work: async (_root, _args, context) => work(context) },
        },
      }),
    });
    const listener = jobsListener(server, options);
    return {
      server: createServer(listener),
      scheduler: listener.scheduler,
      path: '/graphql?query=%7Bwork%7D',
    };
  },
};
