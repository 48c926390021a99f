import { newId } from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import type { HealthDto } from '../src/health/health.dto.js';
import { openDoor, type Door } from './open-door.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('how the system is', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  const park = (workspace: string, reason: string) =>
    door.app.get(Streams).publish('DEAD_LETTERS', 'dead.EVENTS.usage-directory', Buffer.from('{}'), {
      id: newId('evt'),
      headers: {
        'Seatwise-Reason': reason,
        'Seatwise-Subject': `seatwise.v1.${workspace}.person.changed`,
        traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      },
    });
  const healthFor = async (key: string) => (await door.ask({ path: '/api/v1/health', key })).json as HealthDto;

  it('shows what could not be taken, the newest first and with its trace, to its own workspace alone', async () => {
    const [mine, theirs] = [await door.openWorkspace(), await door.openWorkspace()];
    await park(mine.workspace, 'the first');
    await park(theirs.workspace, 'another one');
    await park(mine.workspace, 'the last');
    const { parked, queues } = await healthFor(mine.admin);
    expect(parked).toMatchObject([
      { reason: 'the last', queue: 'usage-directory', about: 'person.changed', traceId },
      { reason: 'the first', traceId },
    ]);
    expect(queues.map(({ queue }) => queue)).toContain('gateway-audit');
    expect((await healthFor(theirs.admin)).parked).toMatchObject([{ reason: 'another one' }]);
  });

  it('is for those who may operate', async () => {
    const { admin } = await door.openWorkspace();
    const viewer = await door.issue(admin, 'viewer');
    expect((await door.ask({ path: '/api/v1/health', key: viewer })).status).toBe(403);
    expect((await door.ask({ path: '/api/v1/health', key: await door.issue(admin, 'operator') })).status).toBe(200);
  });
});
