import { Injectable, type OnModuleInit } from '@nestjs/common';
import { gauge, histogram } from '@seatwise/observability';
import type { Connection } from '../connections/connection.js';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import type { KindTally } from '../tasks/tasks.repository.js';
import { toRunDto, type Run } from './run.js';

const powersOfTen = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
const duration = histogram(
  'sync_run_duration_seconds',
  'Runs that ended: how long they took',
  ['state'],
  [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400],
);
const requests = histogram('sync_run_requests', 'Requests of a run to Okta', ['state'], powersOfTen);
const waited = histogram(
  'sync_run_wait_seconds',
  "Time in which any part of a run waited for Okta's rate limits",
  ['state'],
  [0, 1, 10, 60, 300, 900, 3_600, 14_400],
);
const size = histogram(
  'sync_run_response_bytes',
  'What Okta answered in a run',
  ['state'],
  powersOfTen.map((power) => power * 1e3),
);

/** What a run has cost, when it has ended. */
export function measureRun(run: Run, tallies: KindTally[]): void {
  const { state, startedAt, endedAt } = run;
  const sum = (count: 'requests' | 'bytes') => tallies.reduce((total, tally) => total + tally[count], 0);
  duration.observe({ state }, ((endedAt ?? new Date()).getTime() - startedAt.getTime()) / 1_000);
  requests.observe({ state }, sum('requests'));
  waited.observe({ state }, toRunDto(run, []).waitedMs / 1_000);
  size.observe({ state }, sum('bytes'));
}

/** Shows of each org how old its mirror is. */
@Injectable()
export class MirrorAges implements OnModuleInit {
  constructor(private readonly connections: ConnectionsRepository) {}

  onModuleInit(): void {
    this.show(
      'sync_age_seconds',
      'Since the mirror was last known to be what the org is; before it ever was, since the connection was made',
      ({ createdAt, wholeAt }) => Math.max(0, (Date.now() - (wholeAt?.getTime() ?? Date.parse(createdAt))) / 1_000),
    );
    this.show('sync_every_seconds', 'How often the connection is to be synced', (one) => one.syncEveryMinutes * 60);
  }

  private show(name: string, help: string, valueOf: (connection: Connection) => number): void {
    const shown = gauge(name, help, ['connection'], async () => {
      const found: [connection: string, value: number][] = [];
      for await (const connection of this.connections.synced()) found.push([connection._id, valueOf(connection)]);
      shown.reset();
      for (const [connection, value] of found) shown.set({ connection }, value);
    });
  }
}
