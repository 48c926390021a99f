import { nextOf, OrgClient } from './org-client.js';

let org: OrgClient;
beforeEach(async () => {
  org = await OrgClient.start({ people: 1_000 });
});
afterEach(() => org.running.close());

const told = (unknowns: object) => org.running.control.call('PUT options', { unknowns });
const act = (id: string, name: string) => org.refusal('POST', `/api/v1/users/${id}/lifecycle/${name}`, {});
const linksOf = async (id: string) =>
  Object.keys(((await org.get(`/api/v1/users/${id}`)).body as { _links: object })._links).toSorted();

it('refusals from a wrong status, by act and by status', async () => {
  const [suspended, locked, staged] = [
    await org.somebody('SUSPENDED'),
    await org.somebody('LOCKED_OUT'),
    await org.somebody('STAGED', () => true),
  ];
  expect(await act(suspended, 'suspend')).toEqual([400, 'E0000001']);
  told({ refusals: { suspend: 'E0000038', 'suspend LOCKED_OUT': 'E0000107', unsuspend: 'E0000038' } });
  expect(await act(suspended, 'suspend')).toEqual([403, 'E0000038']);
  expect(await act(locked, 'suspend')).toEqual([403, 'E0000107']);
  expect(await act(locked, 'unsuspend')).toEqual([403, 'E0000038']);
  told({ refusals: { unlock: 'E0000038', expire_password: 'E0000006', reset_password: 'E0000034' } });
  expect(await act(suspended, 'suspend')).toEqual([400, 'E0000001']);
  expect(await act(suspended, 'unlock')).toEqual([403, 'E0000038']);
  expect(await act(staged, 'expire_password')).toEqual([403, 'E0000006']);
  expect(await act(suspended, 'reset_password')).toEqual([403, 'E0000034']);
});

it('from where a suspension works', async () => {
  const [recovering, locked] = [await org.somebody('RECOVERY'), await org.somebody('LOCKED_OUT')];
  expect(await act(recovering, 'suspend')).toEqual([400, 'E0000001']);
  told({ suspendableStatuses: ['RECOVERY', 'LOCKED_OUT'] });
  expect(await act(recovering, 'suspend')).toEqual([200, '']);
  expect(await act(locked, 'suspend')).toEqual([200, '']);
});

it('the code of a reset without a password, and of a weak one', async () => {
  const waiting = await org.somebody('PROVISIONED', () => true);
  told({ resetWithoutPassword: 'E0000006', passwordPolicy: 'E0000001' });
  expect(await act(waiting, 'reset_password')).toEqual([403, 'E0000006']);
  const weak = { credentials: { password: { value: 'short' } } };
  const answer = await org.call('POST', `/api/v1/users/${await org.somebody('ACTIVE')}`, weak);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({
    errorCode: 'E0000001',
    errorCauses: [{ errorSummary: expect.stringMatching(/^password: /) }],
  });
});

it('the links of RECOVERY and LOCKED_OUT', async () => {
  const [recovering, locked] = [await org.somebody('RECOVERY'), await org.somebody('LOCKED_OUT')];
  told({ recoveryLinks: [], lockedOutLinks: ['unlock', 'deactivate'] });
  expect(await linksOf(recovering)).toEqual(['resetFactors', 'self']);
  expect(await linksOf(locked)).toEqual(['deactivate', 'resetFactors', 'self', 'unlock']);
});

it('how long a cursor leads on', async () => {
  told({ cursorLifeSeconds: 60 });
  const next = nextOf(await org.get('/api/v1/users?limit=5'))!;
  expect((await org.get(next)).status).toBe(200);
  org.running.control.call('PUT clock', { advanceMs: 61_000 });
  expect(await org.refusal('GET', next)).toEqual([400, 'E0000029']);
  const { id } = org.truth('people')[3]!;
  expect(await org.refusal('GET', `/api/v1/users?after=2${id}`)).toEqual([400, 'E0000029']);
  expect(await org.list('/api/v1/users?limit=200')).not.toEqual([]);
});

it('the links of every other status are as Okta was seen to publish them', async () => {
  const likeActive = ['changePassword', 'changeRecoveryQuestion', 'deactivate', 'expirePassword', 'forgotPassword'];
  for (const [status, links] of Object.entries({
    STAGED: ['activate'],
    PROVISIONED: ['deactivate', 'reactivate', 'resetPassword', 'suspend'],
    ACTIVE: [...likeActive, 'resetPassword', 'suspend'],
    PASSWORD_EXPIRED: [...likeActive, 'resetPassword', 'suspend'],
    SUSPENDED: ['deactivate', 'unsuspend'],
    DEPROVISIONED: ['activate', 'delete'],
  }))
    expect([status, await linksOf(await org.somebody(status, () => true))]).toEqual([
      status,
      [...links, 'resetFactors', 'self'].toSorted(),
    ]);
});
