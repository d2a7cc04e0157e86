// Under `experimentalDecorators`.
import * as express from '@outlive/express';
import * as fastify from '@outlive/fastify';
import * as http from '@outlive/http';
import * as koa from '@outlive/koa';
import type { NextFunction, Request, Response } from 'express';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ParameterizedContext } from 'koa';
import type { IncomingMessage, ServerResponse } from 'node:http';

export class Shop {
  @express.atomic
  async pay(_req: Request<{ id: string }>, _res: Response): Promise<void> {}

  @express.atomic({ timeout: 1_000 })
  async refund(_req: Request): Promise<number> {
    return 1;
  }

  @express.atomic
  async report(_error: Error, _req: Request, _res: Response, _next: NextFunction): Promise<void> {}

  @koa.atomic
  async koa(_ctx: ParameterizedContext): Promise<void> {}

  @koa.atomic({ priority: 2 })
  async koaLater(_ctx: ParameterizedContext): Promise<void> {}

  @fastify.atomic
  async fastify(_request: FastifyRequest<{ Params: { id: string } }>, _reply: FastifyReply) {}

  @fastify.atomic({ name: 'list' })
  async list(_request: FastifyRequest): Promise<string[]> {
    return [];
  }

  @http.atomic
  async http(_req: IncomingMessage, _res: ServerResponse): Promise<void> {}

  @http.atomic({ overload: 'wait' })
  async httpLater(_req: IncomingMessage): Promise<number> {
    return 1;
  }

  // As in NestJS, where the request may be any of the arguments.
  @http.atomic
  async other(_order: { item: string }, _req: Request): Promise<void> {}

  // @ts-expect-error -- decorates methods
  @http.atomic
  readonly field = 1;
}
