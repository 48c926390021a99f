import { changesLine, type SnapshotLine } from '@seatwise/contracts';
import { lineOf } from '../door/ndjson.js';

const workspace = 'ws_01jd3k5m7p9r2t4w6y8a0c2e4';
const connection = 'con_01jd3k5m7p9r2t4w6y8a0c2e5';
const [person, mail] = ['00u1ab2cd3EF4gh5I6x7', 'ada@acme.example'];
const [created, v] = [1_732_353_300_000, 1_795_425_300_000];

const lines: SnapshotLine[] = [
  {
    type: 'snapshot.started',
    data: { workspace, stream: 'EVENTS', sequence: 48_213, time: '2026-11-23T09:15:00.000Z' },
  },
  changesLine({
    workspace,
    connection,
    kind: 'person',
    changes: [{ id: person, v, status: 'ACTIVE', login: mail, email: mail, name: 'Ada Lovelace', created }],
  }),
  changesLine({
    workspace,
    connection,
    kind: 'membership',
    changes: [{ id: `00g1ab2cd3EF4gh5I6x7|${person}`, v, removed: false }],
  }),
  { type: 'snapshot.ended', data: { counts: { person: 1, membership: 1 } } },
];

/** A short one. */
export const snapshotExample = lines.map(lineOf).join('');
