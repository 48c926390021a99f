import { startScripted, type Asked, type Said, type Scripted } from '@seatwise/testing';
import { LocalStore, RateBudget } from './budget.js';
import { OktaClient, type Page } from './client.js';
import {
  BudgetWaitError,
  LinkLoopError,
  MalformedAnswerError,
  NotFoundError,
  PermissionDeniedError,
  RedirectError,
  TokenRejectedError,
  UnavailableError,
  type OktaError,
} from './errors.js';
import type { ExecutorOptions, RequestObservation } from './executor.js';

const token = '00secret_secret_secret_secret_secret';
const resetSoon = () => String(Math.ceil(Date.now() / 1_000) + 60);
const limits = (remaining: number) => ({
  'x-rate-limit-limit': '50',
  'x-rate-limit-remaining': String(remaining),
  'x-rate-limit-reset': resetSoon(),
});
const parse = (item: unknown) => item;

const all = async (pages: AsyncGenerator<Page<unknown>>) => {
  const items: unknown[] = [];
  for await (const page of pages) items.push(...page.items);
  return items;
};
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as OktaError,
  );

describe('the Okta client', () => {
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  const against = async (say: (asked: Asked) => Said, options: Partial<ExecutorOptions> = {}) => {
    const okta: Scripted = await startScripted(say);
    const observed: RequestObservation[] = [];
    const client = new OktaClient({
      orgUrl: okta.url,
      credential: () => Promise.resolve({ kind: 'api_token', token }),
      policy: { allowedOrigins: [okta.url], allowedHostSuffixes: [] },
      budget: new RateBudget(new LocalStore()),
      observe: (observation) => observed.push(observation),
      backOffMs: 1,
      ...options,
    });
    open.push(client, okta);
    return { okta, client, observed };
  };
  it('reads a list to its end, whatever the length of its pages', async () => {
    const pages = [[1, 2], [3], [], [4]];
    const { client } = await against(({ path }) => {
      const at = Number(new URL(path, 'http://org').searchParams.get('after') ?? 0);
      const next = at < 3 ? `, </list?limit=2&after=${at + 1}>; rel="next"` : '';
      return { headers: { link: `<${path}>; rel="self"${next}` }, body: pages[at] };
    });
    await expect(all(client.list('/list?limit=2', parse))).resolves.toEqual([1, 2, 3, 4]);
  });

  it.each([1, 2, 3, 7])('is not led around in a circle of %i links', async (length) => {
    const { client, okta } = await against(({ number }) => ({
      headers: { link: `</list?after=${number % length}>; rel="next"` },
      body: [number],
    }));
    await expect(all(client.list('/list?after=0', parse))).rejects.toThrow(LinkLoopError);
    expect(okta.asked.length).toBeLessThanOrEqual(4 * length);
  });

  it('tells by Okta’s clock when a page was asked for, however long the answer took', async () => {
    const answered = 1_800_000_000_000;
    const { client } = await against(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      return { headers: { date: new Date(answered).toUTCString() }, body: [] };
    });
    const { date, asked } = await client.page('/list', parse);
    expect(date).toBe(answered);
    expect(date - asked).toBeGreaterThanOrEqual(300);
  });

  it('takes a full page that lost its links for no end of the list', async () => {
    const full = await against(() => ({ body: [1, 2] }));
    await expect(all(full.client.list('/list?limit=2', parse))).rejects.toThrow(MalformedAnswerError);
    const short = await against(() => ({ body: [1] }));
    await expect(all(short.client.list('/list?limit=2', parse))).resolves.toEqual([1]);
  });

  it.each([
    [404, { errorCode: 'E0000007', errorSummary: 'Not found' }, NotFoundError],
    [404, '<html>nothing here</html>', MalformedAnswerError],
    [401, { errorCode: 'E0000011', errorSummary: 'Invalid token provided' }, TokenRejectedError],
    [401, '', TokenRejectedError],
    [401, '<html>sign in to the proxy</html>', MalformedAnswerError],
    [403, '', PermissionDeniedError],
    [403, '<html>blocked</html>', MalformedAnswerError],
    [302, '', RedirectError],
    [502, '<html>bad gateway</html>', UnavailableError],
  ])('takes a %i with %j for what it is', async (status, body, Type) => {
    const { client } = await against(() => ({ status, body, headers: { location: 'http://127.0.0.1:1/' } }));
    const fault = await faultOf(client.get('/api/v1/users/1', parse));
    expect(fault).toBeInstanceOf(Type);
    expect(fault?.fault.status).toBe(status);
  });

  it('follows no redirect, not even to a server that would answer', async () => {
    const canary = await startScripted(() => ({ body: [] }));
    open.push(canary);
    const { client } = await against(() => ({ status: 307, headers: { location: canary.url } }));
    await expect(client.get('/api/v1/users/1', parse)).rejects.toThrow(RedirectError);
    expect(canary.asked).toEqual([]);
  });

  it('connects to no inside address, though the name was Okta’s when it was checked', async () => {
    const canary = await startScripted(() => ({ body: [] }));
    open.push(canary);
    const inside = ['127.0.0.1', '10.0.0.7', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1'];
    for (const address of inside) {
      const { client } = await against(() => ({}), {
        orgUrl: `https://rebinding.okta.com:${new URL(canary.url).port}`,
        policy: { allowedOrigins: [], allowedHostSuffixes: [] },
        lookup: (_host, options, answer) => {
          const family = address.includes(':') ? 6 : 4;
          if (options.all) answer(null, [{ address, family }] as never, family);
          else answer(null, address, family);
        },
        attempts: 1,
      });
      await expect(client.get('/api/v1/users/1', parse)).rejects.toThrow('no public address');
    }
    expect(canary.asked).toEqual([]);
  });

  it('learns from a refusal how much of a bucket is left, as from any answer', async () => {
    const { client, okta, observed } = await against(({ number }) => ({
      status: 404,
      headers: limits(10 - number),
      body: { errorCode: 'E0000007', errorSummary: 'Not found' },
    }));
    for (let at = 0; at < 4; at += 1)
      await expect(client.get(`/api/v1/users/${at}`, parse)).rejects.toThrow(NotFoundError);
    expect(observed.map(({ status, remaining }) => [status, remaining])).toEqual([9, 8, 7, 6].map((n) => [404, n]));
    // Five are left to actions, so that one more is all there is until the window ends.
    const more = await faultOf(
      (async () => {
        for (;;) await client.get('/api/v1/users/x', parse, { maxWaitMs: 10 }).catch(unlessNotFound);
      })(),
    );
    expect(more).toBeInstanceOf(BudgetWaitError);
    expect(okta.asked.length).toBeLessThanOrEqual(5);
  });

  it('lets an action past any number that wait for the bucket which is left to actions', async () => {
    const { client, okta } = await against(() => ({ headers: limits(5), body: {} }));
    await client.get('/api/v1/users/first', parse);
    const enough = new AbortController();
    const waiting = Array.from({ length: 12 }, (_none, at) =>
      faultOf(client.get(`/api/v1/users/waits-${at}`, parse, { signal: enough.signal })),
    );
    await client.get('/api/v1/users/action', parse, { priority: 'action' });
    expect(okta.asked.map(({ path }) => path)).toEqual(['/api/v1/users/first', '/api/v1/users/action']);
    enough.abort();
    await Promise.all(waiting);
  });

  it('lets an action go before those who wait for one of the places at Okta', async () => {
    const { client, okta } = await against(() => ({ headers: limits(50), body: {} }));
    await client.get('/api/v1/users/first', parse);
    const reading = Array.from({ length: 30 }, (_none, at) => client.get(`/api/v1/users/reads-${at}`, parse));
    await client.get('/api/v1/users/action', parse, { priority: 'action' });
    await Promise.all(reading);
    const place = okta.asked.findIndex(({ path }) => path === '/api/v1/users/action');
    // After the one that found out how the bucket stands, and the ten that had places.
    expect(place).toBeGreaterThan(1);
    expect(place).toBeLessThanOrEqual(12);
  });

  it('does not send what was ready too late: another has found the bucket empty meanwhile', async () => {
    const store = new LocalStore();
    const { client, okta } = await against(
      ({ path }) =>
        path.includes('limited') ? { status: 429, headers: limits(0), body: {} } : { headers: limits(49), body: {} },
      { budget: new RateBudget(store) },
    );
    const other = new OktaClient({
      orgUrl: okta.url,
      credential: () => Promise.resolve({ kind: 'api_token', token }),
      policy: { allowedOrigins: [okta.url], allowedHostSuffixes: [] },
      budget: new RateBudget(store),
    });
    open.push(other);
    await client.executor.send({ method: 'GET', path: '/api/v1/users?first' });
    const call = { method: 'POST', path: '/api/v1/users/one/lifecycle/suspend', maxWaitMs: 200 } as const;
    let times = 0;
    const beforeSend = async () => {
      times += 1;
      await expect(
        other.executor.send({ method: 'GET', path: '/api/v1/users?limited', maxWaitMs: 200 }),
      ).rejects.toThrow(BudgetWaitError);
    };
    await expect(client.executor.send({ ...call, beforeSend })).rejects.toThrow(BudgetWaitError);
    expect(times).toBe(1);
    expect(okta.asked.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('has an end of its patience when Okta is at the limit of parallel requests for ever', async () => {
    const { client } = await against(() => ({
      status: 429,
      headers: { 'x-rate-limit-limit': '0', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': resetSoon() },
      body: { errorCode: 'E0000047' },
    }));
    await expect(client.get('/api/v1/users/1', parse, { maxWaitMs: 300 })).rejects.toThrow(BudgetWaitError);
  });

  it('says the token to nobody but Okta, though Okta should say it back', async () => {
    const { client, okta } = await against(({ headers }) => ({
      status: 400,
      body: { errorCode: 'E0000001', errorSummary: `bad header ${String(headers.authorization)}` },
    }));
    const fault = await faultOf(client.get('/api/v1/users/1', parse));
    expect(okta.asked[0]?.headers.authorization).toBe(`SSWS ${token}`);
    expect(JSON.stringify([fault?.message, fault?.stack, fault?.fault])).not.toContain(token);
    expect(fault?.message).toContain('[secret]');
  });
});

function unlessNotFound(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
