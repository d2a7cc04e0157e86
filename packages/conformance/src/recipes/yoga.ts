import { createServer } from 'node:http';
import { atomic, jobsListener } from '@outlive/http';
import { createSchema, createYoga } from 'graphql-yoga';
import type { Recipe } from './recipe.ts';

/** Every GraphQL request is atomic. */
export const yoga: Recipe = {
  name: 'GraphQL Yoga',
  isAtomic: true,
  build: async (work, options) => {
    const server = createYoga({
      logging: false,
      schema: createSchema({
        typeDefs: 'type Query { work: String }',
        resolvers: {
          Query: { work: async (_root, _args, context: object) => work(context) },
        },
      }),
    });
    const listener = jobsListener(atomic(server), options);
    return {
      server: createServer(listener),
      scheduler: listener.scheduler,
      path: '/graphql?query=%7Bwork%7D',
    };
  },
};
