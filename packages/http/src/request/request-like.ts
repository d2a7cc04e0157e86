/** A request in any framework's form: node's, Express's `req`, Koa's `ctx`, Fastify's `request`, Hono's `c`. */
export type RequestLike = object;
