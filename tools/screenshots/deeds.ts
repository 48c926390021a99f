import { randomUUID } from 'node:crypto';
import type { BulkDto, PeoplePage } from '@seatwise/contracts';
import { ended } from '../actions/acting.js';
import { until } from '../harness/until.js';
import type { Api } from '../start/api.js';

/** Does in an org what leaves something on each page: an action as it is meant, a refused one, a dry run, and a job. */
export async function doDeeds(api: Api, connection: string): Promise<void> {
  const of = `/people?connection=${connection}&limit=12`;
  const { people: active } = await api.call<PeoplePage>('GET', `${of}&status=ACTIVE&seat=unused`);
  const { people: locked } = await api.call<PeoplePage>('GET', `${of}&status=LOCKED_OUT`);
  const [first, second, ...others] = active.map(({ id }) => id);
  if (first === undefined || second === undefined) return;
  const parameters = { profile: { title: 'Team lead' } };
  await ended(api, connection, { action: 'unsuspend_user', person: second, reason: 'Back from parental leave' });
  for (const { id } of locked.slice(0, 1))
    await ended(api, connection, { action: 'unlock_user', person: id, reason: 'Called the help desk' });
  await ended(api, connection, {
    action: 'suspend_user',
    person: second,
    reason: 'Before the audit of contractors',
    dryRun: true,
  });
  const path = `/connections/${connection}/bulk`;
  const wish = { action: 'suspend_user', reason: 'Nobody signed in for 30 days', people: others };
  const job = (await (await api.send('POST', path, wish, { 'idempotency-key': randomUUID() })).json()) as BulkDto;
  const isIn = (states: BulkDto['state'][]) =>
    until(
      () => api.call<BulkDto>('GET', `/bulk/${job.id}`),
      ({ state }) => states.includes(state),
    );
  await isIn(['preview']);
  await api.call('POST', `/bulk/${job.id}/start`);
  await isIn(['done', 'stopped']);
  await ended(api, connection, { action: 'change_user_profile', person: first, reason: 'Promoted', parameters });
}
