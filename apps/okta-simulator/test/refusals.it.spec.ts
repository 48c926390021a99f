import { request as httpRequest } from 'node:http';
import { errorTable } from '../src/http/error-table.js';
import { nextOf, OrgClient, type Item } from './org-client.js';

let org: OrgClient;
beforeAll(async () => {
  org = await OrgClient.start({ people: 300 });
});
afterEach(() => org.running.control.setFaults([]));
afterAll(() => org.running.close());

it.each(Object.entries(errorTable))('%s is had for the asking, with its status and summary', async (code, [status]) => {
  org.running.control.setFaults([{ kind: 'refusal', code: code as keyof typeof errorTable, path: '/groups' }]);
  const answer = await org.get('/api/v1/groups');
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({
    errorCode: code,
    errorSummary: expect.stringMatching(/\w/),
    errorLink: code,
    errorId: expect.stringMatching(/^oae\w{17}$/),
    errorCauses: [],
  });
});

it('takes no code that Okta does not have', () => {
  expect(() => org.running.control.setFaults([{ kind: 'refusal', code: 'E9' as 'E0000001' }])).toThrow('code');
});

it('the log refuses in a shape of its own', async () => {
  const { body } = await org.get('/api/v1/logs?limit=1001');
  expect(body).toEqual({
    errorCode: 'E0000053',
    errorSummary: expect.any(String),
    errorId: expect.stringMatching(/^[0-9a-f]{8}-/),
    errorCauses: [],
  });
});

it('a page can hold fewer than were asked for and still have a next', async () => {
  const all = await org.list('/api/v1/users?limit=50');
  org.running.control.setFaults([{ kind: 'shortPage', path: '/users', amount: 7, probability: 0.5 }]);
  let next: string | undefined = '/api/v1/users?limit=50';
  const sizes: number[] = [];
  const seen: string[] = [];
  while (next !== undefined) {
    const answer = await org.get(next);
    const items = answer.body as Item[];
    sizes.push(items.length);
    seen.push(...items.map(({ id }) => id));
    next = nextOf(answer);
  }
  expect(sizes.slice(0, -1)).toContain(7);
  expect(seen).toEqual(all.map(({ id }) => id));
});

/** What fetch never sends: a POST that does not say how long it is. */
function withoutLength(path: string): Promise<number> {
  const { port } = new URL(org.running.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.setHeader('authorization', 'SSWS 00simulatorSuperAdministratorToken00000000');
    request.useChunkedEncodingByDefault = false;
    request.removeHeader('content-length');
    request.removeHeader('transfer-encoding');
    request.on('error', reject).end();
  });
}

it('a POST says how long its body is, and asks for JSON', async () => {
  const id = await org.somebody('ACTIVE');
  expect(await withoutLength(`/api/v1/users/${id}/lifecycle/suspend`)).toBe(411);
  const html = await org.get('/api/v1/users', { accept: 'text/html' });
  expect([html.status, (html.body as { errorCode: string }).errorCode]).toEqual([400, 'E0000019']);
  const typed = await org.call('POST', `/api/v1/users/${id}/lifecycle/suspend`, {}, { 'content-type': 'text/plain' });
  expect([typed.status, (typed.body as { errorCode: string }).errorCode]).toEqual([400, 'E0000019']);
});

it('what is not possible on metadata of an app is refused by its own code', async () => {
  const own = org.truth('apps').find(({ name }) => name === 'saasure')!;
  expect(await org.refusal('POST', `/api/v1/apps/${own.id}/lifecycle/deactivate`, {})).toEqual([400, 'E0000024']);
});
