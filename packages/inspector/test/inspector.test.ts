import { Scheduler } from '@outlive/core';
import { fetchFrom } from '@outlive/test-support/client';
import { deferred } from '@outlive/test-support/deferred';
import { printed } from '@outlive/test-support/printed';
import { act, tokenOf } from './support/act.ts';
import { frameworks } from './support/frameworks.ts';
import { Stream } from './support/stream.ts';

const everybody = { authorize: () => true };

describe.each(frameworks)('In $name', ({ mount }) => {
  it('the page is at its path with or without a slash, and only refers to files beside it', async () => {
    await using mounted = await mount(new Scheduler(), everybody);
    const moved = await fetchFrom(mounted, '/_jobs?x=1');
    expect(moved.status).toBe(302);
    expect(new URL(moved.headers.location ?? '', 'http://proxy/admin/_jobs').pathname).toBe(
      '/admin/_jobs/',
    );
    const page = await fetchFrom(mounted, '/_jobs/');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': /text\/html/ } });
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files.length).toBe(3);
    for (const file of files) {
      expect(file).toMatch(/^[a-z]/);
      expect((await fetchFrom(mounted, `/_jobs/${file}`)).status).toBe(200);
    }
  });

  it('nothing inline and nothing from elsewhere is allowed in it', async () => {
    await using mounted = await mount(new Scheduler(), everybody);
    const { headers, body } = await fetchFrom(mounted, '/_jobs/');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(body).not.toMatch(/<script(?![^>]* src=)|<style|style=|https?:\/\//);
  });

  it('what it does not have is not found, and what it has only by the right method', async () => {
    await using mounted = await mount(new Scheduler(), everybody);
    expect((await fetchFrom(mounted, '/_jobs/nothing.js')).status).toBe(404);
    expect((await fetchFrom(mounted, '/elsewhere')).status).toBe(404);
    expect((await fetchFrom(mounted, '/_jobs/actions')).status).toBe(405);
    expect((await fetchFrom(mounted, '/_jobs/', { method: 'POST' })).status).toBe(405);
  });

  it('a stream sends the live jobs, and what becomes of them', async () => {
    const scheduler = new Scheduler({ name: 'web', limit: 1 });
    const work = deferred();
    await using mounted = await mount(scheduler, everybody);
    const running = await scheduler.spawn(() => work.promise, { name: 'first' });
    await scheduler.spawn(() => undefined, { name: 'second' });
    using stream = await Stream.open(mounted);
    expect(stream.hello).toMatchObject({ sources: [{ name: 'web', isDurable: false }] });
    expect(stream.last.table?.rows).toMatchObject([
      { id: running.id, name: 'first', state: 'active', attempt: 1 },
      { name: 'second', state: 'pending', startedAt: null },
    ]);
    expect(stream.last.counts).toMatchObject([{ limit: 1, pending: 1, active: 1 }]);
    work.resolve();
    await stream.has(() => stream.last.table?.matching === 0);
  });

  it('an open page does not hold up the close of its server', async () => {
    const mounted = await mount(new Scheduler(), everybody);
    using stream = await Stream.open(mounted);
    const startedAt = performance.now();
    await Promise.all([mounted.close(), stream.ended()]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('the page pauses, resumes, sets the limit and cancels', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    await using mounted = await mount(scheduler, everybody);
    const token = await tokenOf(mounted);
    const ask = async (action: object): Promise<unknown> =>
      JSON.parse((await act(mounted, action, { 'x-outlive-token': token })).body);

    expect(await ask({ action: 'pause', source: 0 })).toEqual({ done: true });
    const job = await scheduler.spawn(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    expect(job.state).toBe('pending');
    expect(await ask({ action: 'resume', source: 0 })).toEqual({ done: true });
    expect(job.state).toBe('active');
    expect(await ask({ action: 'limit', source: 0, limit: 7 })).toEqual({ done: true });
    expect(scheduler.limit).toBe(7);
    expect(await ask({ action: 'limit', source: 0, limit: -1 })).toMatchObject({
      done: false,
      reason: expect.stringMatching(/`limit` .*-1/),
    });
    expect(await ask({ action: 'cancel', source: 0, id: job.id })).toEqual({ done: true });
    await expect(job.wait()).rejects.toMatchObject({
      name: 'AbortError',
      cause: { message: 'The job was cancelled by an operator' },
    });
    expect(await ask({ action: 'cancel', source: 0, id: job.id })).toMatchObject({ done: false });
  });

  it.each([
    ['no', { authorize: () => false }],
    ['a promise of no', { authorize: async () => false }],
    ['something that is not true', { authorize: () => 'yes' as unknown as boolean }],
    [
      'an error',
      {
        authorize: () => {
          throw new Error('no session store');
        },
      },
    ],
    [
      'a rejection',
      {
        authorize: async () => {
          throw new Error('no session store');
        },
      },
    ],
  ])('whoever `authorize` answers with %s sees and changes nothing', async (answered, options) => {
    using errors = printed();
    const scheduler = new Scheduler({ limit: 3 });
    const job = await scheduler.spawn(() => new Promise(() => undefined));
    const page = await mount(scheduler, everybody);
    const token = await tokenOf(page);
    await page.close();
    await using mounted = await mount(scheduler, options);
    for (const path of ['', '/', '/app.js', '/app.css', '/icon.svg', '/events']) {
      const answer = await fetchFrom(mounted, `/_jobs${path}`);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.body).not.toContain('data:');
    }
    for (const action of ['pause', 'limit', 'cancel']) {
      const asked = { action, source: 0, id: job.id, limit: 1 };
      expect((await act(mounted, asked, { 'x-outlive-token': token })).status).toBe(403);
    }
    expect([scheduler.limit, job.state]).toEqual([3, 'active']);
    // What is wrong with `authorize` itself is reported.
    expect(errors.calls.length > 0).toBe(/error|rejection/.test(answered));
  });

  const good = { 'sec-fetch-site': 'same-origin' };
  it.each<[why: string, status: number, headers: (token: string) => Record<string, string>]>([
    ['without a token', 403, () => good],
    ['with a token that somebody made up', 403, () => ({ ...good, 'x-outlive-token': 'a.b' })],
    [
      'with half a token',
      403,
      (token) => ({ ...good, 'x-outlive-token': token.split('.')[0] ?? '' }),
    ],
    [
      'from another site',
      403,
      (token) => ({ 'sec-fetch-site': 'cross-site', 'x-outlive-token': token }),
    ],
    [
      'from a sister site',
      403,
      (token) => ({ 'sec-fetch-site': 'same-site', 'x-outlive-token': token }),
    ],
    [
      'by an old browser from another site',
      403,
      (token) => ({ origin: 'http://evil.example', 'x-outlive-token': token }),
    ],
    [
      'from a page that hides its origin',
      403,
      (token) => ({ origin: 'null', 'x-outlive-token': token }),
    ],
    [
      'as a form sends it',
      415,
      (token) => ({ 'content-type': 'text/plain', 'x-outlive-token': token }),
    ],
  ])('a call %s changes nothing', async (_why, status, headers) => {
    const scheduler = new Scheduler({ limit: 3 });
    const job = await scheduler.spawn(() => new Promise(() => undefined));
    await using mounted = await mount(scheduler, everybody);
    const token = await tokenOf(mounted);
    for (const action of ['pause', 'limit', 'cancel']) {
      const asked = { action, source: 0, id: job.id, limit: 1 };
      expect((await act(mounted, asked, headers(token))).status).toBe(status);
    }
    expect([scheduler.limit, job.state]).toEqual([3, 'active']);
    const waiting = await scheduler.spawn(() => undefined);
    expect(waiting.closed).toBe(true);
  });

  it('a read-only page has no token, and refuses every call', async () => {
    const scheduler = new Scheduler({ limit: 3 });
    await using writable = await mount(scheduler, everybody);
    const token = await tokenOf(writable);
    await using mounted = await mount(scheduler, { readOnly: true });
    using stream = await Stream.open(mounted);
    expect(stream.hello?.token).toBeNull();
    const answer = await act(
      mounted,
      { action: 'limit', source: 0, limit: 1 },
      { 'x-outlive-token': token },
    );
    expect(answer.status).toBe(403);
    expect(scheduler.limit).toBe(3);
  });

  it.each([
    { 'x-forwarded-for': '10.0.0.1' },
    { forwarded: 'for=10.0.0.1' },
    { host: 'evil.example' },
  ])('without `authorize` it is for this machine alone: not with %j', async (headers) => {
    await using mounted = await mount(new Scheduler(), { readOnly: true });
    expect((await fetchFrom(mounted, '/_jobs/')).status).toBe(200);
    expect((await fetchFrom(mounted, '/_jobs/', { headers })).status).toBe(403);
    expect((await fetchFrom(mounted, '/_jobs/events', { headers })).status).toBe(403);
  });

  it('open pages end when their server closes, which they do not hold up', async () => {
    const mounted = await mount(new Scheduler(), everybody);
    using stream = await Stream.open(mounted);
    const startedAt = performance.now();
    await Promise.all([mounted.close(), stream.ended()]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('`authorize` may ask for a login', async () => {
    const refusal = Object.assign(new Error('Who are you?'), {
      status: 401,
      headers: { 'WWW-Authenticate': 'Basic realm="jobs"' },
    });
    await using mounted = await mount(new Scheduler(), {
      authorize: ({ headers }: { headers: { authorization?: string } }) => {
        if (headers.authorization === undefined) throw refusal;
        return true;
      },
    });
    const asked = await fetchFrom(mounted, '/_jobs/');
    expect(asked).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="jobs"' },
    });
    const headers = { authorization: 'Basic eDp5' };
    expect((await fetchFrom(mounted, '/_jobs/', { headers })).status).toBe(200);
  });
});
