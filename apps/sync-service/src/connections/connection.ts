import type { ConnectionDto, ConnectionHealth } from '@seatwise/contracts';

/** What sync knows of a connection: a copy of connection-service's, and where its syncing stands. */
export interface Connection {
  _id: string;
  workspace: string;
  orgUrl: string;
  version: number;
  paused: boolean;
  health: ConnectionHealth;
  syncEveryMinutes: number;
  rateShare: number;
  shrinkShare: number;
  createdAt: string;
  /** `keep` leaves the mirror readable. */
  removed: false | 'keep' | 'erase';
  /** Runs are numbered 1, 2, 3 …; 0: there was none yet. */
  runNumber: number;
  /** The run that is running; one that waits for agreement is not. */
  activeRun: string | null;
  nextSyncAt: Date;
  nextLogAt: Date;
  /** The moment as of which the mirror was last known to be what the org was; absent: it never was. */
  wholeAt?: Date;
}

export const copyOf = ({
  workspace,
  orgUrl,
  version,
  paused,
  health,
  syncEveryMinutes,
  rateShare,
  shrinkShare,
  createdAt,
}: ConnectionDto) => ({
  workspace,
  orgUrl,
  version,
  paused,
  health,
  syncEveryMinutes,
  rateShare,
  shrinkShare,
  createdAt,
});
