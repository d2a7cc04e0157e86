import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { atomic, jobsMiddleware } from '@outlive/express';
import express, { type Request } from 'express';
import type { Recipe } from './recipe.ts';

/** Every GraphQL request is atomic. */
export const apollo: Recipe = {
  name: 'Apollo Server',
  isAtomic: true,
  build: async (work, options) => {
    const server = new ApolloServer<{ req: Request }>({
      csrfPrevention: false,
      stopOnTerminationSignals: false,
      typeDefs: 'type Query { work: String }',
      resolvers: { Query: { work: async (_root, _args, context: object) => work(context) } },
    });
    await server.start();
    const jobs = jobsMiddleware(options);
    const app = express();
    app.use(jobs, express.json());
    app.use(
      '/graphql',
      atomic(expressMiddleware(server, { context: async ({ req }) => ({ req }) })),
    );
    return {
      server: createServer(app),
      scheduler: jobs.scheduler,
      path: '/graphql?query=%7Bwork%7D',
    };
  },
};
