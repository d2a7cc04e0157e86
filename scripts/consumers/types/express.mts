import { atomic, jobsMiddleware, type Scheduler } from '@outlive/express';
import express, {
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { same } from './results.mjs';

const app = express();
app.use(express.json(), jobsMiddleware());
same<ReturnType<typeof jobsMiddleware>['scheduler'], Scheduler>(true);

// What the path does not say is `any` (of TypeScript before 5.9: what it says too), as in a plain handler.
app.post(
  '/orders/:id',
  atomic(async (req, res) => {
    same<typeof req.body, any>(true);
    same<typeof req.ip, string | undefined>(true);
    console.log(req.params.id.length, req.query['page']);
    res.json({ item: req.body.item });
  }),
);
app.post(
  '/orders',
  express.json(),
  atomic(
    async (req, res, next) => {
      if (req.body.item === undefined) next();
      res.status(201).json({});
    },
    { timeout: 10 },
  ),
);
app.use(
  atomic(async (req, _res, next) => {
    console.log(req.body.item);
    next();
  }),
);
app.post<{ id: string }, { paid: boolean }, { amount: number }>(
  '/payments/:id',
  atomic(async (req, res) => {
    same<typeof req.body, { amount: number }>(true);
    same<typeof req.params, { id: string }>(true);
    res.json({ paid: true });
  }),
);
app.post<{ id: string }, { paid: boolean }>(
  '/payments/:id',
  atomic(async (_req, res) => {
    // @ts-expect-error -- not what the route answers with
    res.json({ paid: 'yes' });
  }),
);
app.route('/route/:id').get(atomic(async (req, res) => void res.json(req.params.id)));
Router().put(
  '/:id',
  atomic(async (req, res) => void res.json({ id: req.params.id, item: req.body.item })),
);
const plain: RequestHandler = atomic(async (req, res) => void res.json(req.body.item));
app.get('/lists', [plain, atomic(async (req, res) => void res.json(req.body.item))]);
app.get('/plain/:id', atomic(plain));
const free = atomic(async (req, res) => void res.json(req.body.item));
app.get('/free/:id', free);
const typed = atomic(
  async (req: Request<{ id: string }, string, { amount: number }>, res: Response<string>) => {
    res.send(req.body.amount.toFixed());
  },
);
same<Parameters<typeof typed>[0], Request<{ id: string }, string, { amount: number }>>(true);
app.post('/typed/:id', typed);
async function named(req: Request, res: Response): Promise<void> {
  res.json(req.body);
}
app.post('/named', atomic(named));
const errors: ErrorRequestHandler = atomic(
  async (error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).json({ message: error.message });
  },
);
app.use(errors);

class Shop {
  @atomic
  async pay(_req: Request<{ id: string }>, _res: Response): Promise<void> {}

  @atomic({ timeout: 1_000 })
  async refund(_req: Request): Promise<number> {
    return 1;
  }
}
same<ReturnType<Shop['refund']>, Promise<number>>(true);
app.post('/shop/:id', new Shop().pay);

// @ts-expect-error -- no function
atomic('handler');
