import { createHash } from 'node:crypto';
import { newId, type ActingPersonDto, type ActionDto, type ActionName, type OktaRequestDto } from '@seatwise/contracts';
import { currentTraceId } from '@seatwise/observability';
import canonicalize from 'canonicalize';
import { mongo } from 'mongoose';

const { BSON } = mongo;

/** `asked`: it was about to be done; the record of what came of it has the same `operation`. */
export const outcomes = ['asked', 'done', 'refused', 'failed', 'unknown'] as const;
export type Outcome = (typeof outcomes)[number];

/** What the operator does with the bootstrap token while there is no workspace is in a chain of its own. */
export const operatorsChain = 'operator';

/** What is to be recorded, before it has its place in the chain. */
export interface AuditFacts {
  id: string;
  workspace: string;
  /** When it happened; the id tells when it was recorded. */
  at: Date;
  /** What it was recorded from, such as an event's id: it makes one record, however often it is told. */
  source: string;
  /** The same in all records of one action, or of one request at the door. */
  operation: string;
  /**
   * A key, a person who is signed in, or a key that a person issued; neither for the operator with the bootstrap token,
   * and for whoever tried to sign in. Records from before there were people have no `person`.
   */
  who: { key: string | null; person?: ActingPersonDto | null; role: string };
  what: string;
  action: ActionName | null;
  outcome: Outcome;
  on: { kind: string; id: string | null; name: string | null };
  connection: string | null;
  reason: string | null;
  /** What was asked for, without the secrets. */
  asked: Record<string, unknown> | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  /** Of an action, as the next three; null where it is none, or not known yet. `none`: it was so already. */
  effect: ActionDto['effect'];
  /** Okta was read again afterwards, and showed it. */
  verified: boolean | null;
  /** The action that it takes back. */
  undoes: string | null;
  /** The bulk job that it is a part of. */
  bulk: string | null;
  dryRun: boolean;
  /** The HTTP status of the answer at the door. */
  status: number | null;
  /** The code of the problem that it ended in. */
  code: string | null;
  okta: Pick<OktaRequestDto, 'method' | 'path' | 'status' | 'code' | 'requestId'>[];
  traceId: string | null;
}

/** Facts of their own that happen now, and of which nothing else is said yet. */
export function newFacts() {
  const id = newId('aud');
  return {
    id,
    at: new Date(),
    source: id,
    operation: id,
    action: null,
    connection: null,
    reason: null,
    asked: null,
    before: null,
    after: null,
    effect: null,
    verified: null,
    undoes: null,
    bulk: null,
    dryRun: false,
    status: null,
    code: null,
    okta: [],
    traceId: currentTraceId() ?? null,
  };
}

/** A record in its place: `seq` counts from 1 in each workspace, and `previous` is the hash of the one before. */
export interface AuditRecord extends Omit<AuditFacts, 'id'> {
  _id: string;
  seq: number;
  previous: string;
  hash: string;
}

/** Where a chain ends. */
export interface Head {
  seq: number;
  hash: string;
}

export const beginning: Head = { seq: 0, hash: '0'.repeat(64) };

/**
 * SHA-256 of the record without its `hash`, written as MongoDB's relaxed Extended JSON (which tells a date from a text)
 * in the canonical form of RFC 8785. So anybody can compute it from what `mongoexport` prints.
 */
export function hashOf({ hash: _hash, ...record }: Omit<AuditRecord, 'hash'> & { hash?: string }): string {
  const text = canonicalize(BSON.EJSON.serialize(record, { relaxed: true }))!;
  return createHash('sha256').update(text).digest('hex');
}

/** The record of these facts at the end of the chain. */
export function recordAfter(head: Head, { id, ...facts }: AuditFacts): AuditRecord {
  const record = { _id: id, ...facts, seq: head.seq + 1, previous: head.hash };
  // What is hashed is what will be read: BSON has no lone surrogates, for one, and JSON from elsewhere may.
  const kept = BSON.deserialize(BSON.serialize(record, { ignoreUndefined: true })) as typeof record;
  return { ...kept, hash: hashOf(kept) };
}
