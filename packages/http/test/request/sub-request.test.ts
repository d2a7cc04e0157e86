import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import { atomic, getScheduler, jobsListener, type Scheduler } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { serve } from '../support/serve-jobs.ts';

// As a batch endpoint makes them.
function subRequest(request: IncomingMessage): IncomingMessage {
  return Object.create(request) as IncomingMessage;
}

describe('a request made of another by Object.create()', () => {
  it('has its own errors answered, not those of the other', async () => {
    const inner = jobsListener(
      atomic(async () => {
        throw new Error('boom');
      }),
      { exceptionHandler: () => {} },
    );
    const outer = jobsListener((request, response) => {
      const sub = subRequest(request);
      const answer = new ServerResponse(sub);
      answer.end = () => {
        response.end(`batch: ${answer.statusCode}`);
        return answer;
      };
      inner(sub, answer);
    });
    await using serving = await serve(createServer(outer), outer.scheduler, inner.scheduler);
    expect(await fetchFrom(serving, '/')).toMatchObject({ status: 200, body: 'batch: 500' });
  });

  it('has a scheduler of its own, or else that of the other', async () => {
    const seen: Scheduler[] = [];
    const inner = jobsListener((request) => {
      seen.push(getScheduler(request));
    });
    const outer = jobsListener((request, response) => {
      seen.push(getScheduler(subRequest(request)));
      inner(subRequest(request), response);
      seen.push(getScheduler(request));
      response.end();
    });
    await using serving = await serve(createServer(outer), outer.scheduler, inner.scheduler);
    await fetchFrom(serving, '/');
    expect(seen).toEqual([outer.scheduler, inner.scheduler, outer.scheduler]);
  });
});
