import type { Schemas } from './api/client';
import type { Tone } from './ui/Parts';

export type PersonStatus = Schemas['ListedPerson']['status'];
export type SeatState = Schemas['ListedPerson']['seat'];
export type Capability = NonNullable<Schemas['ConnectionCheck']['capability']>;
export type Connection = Schemas['Connection'];
export type Run = Schemas['Run'];
export type Stage = Schemas['Stage'];
export type Action = Schemas['Action'];
export type ActionName = Action['action'];
export type ActionKind = Schemas['ActionKind'];
export type Job = Schemas['Bulk'];

export const personStatuses = [
  'ACTIVE',
  'PROVISIONED',
  'STAGED',
  'PASSWORD_EXPIRED',
  'RECOVERY',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
  'deleted',
] as const satisfies PersonStatus[];

export const oktaStatuses = personStatuses.filter((status) => status !== 'deleted');

export const seatStates = ['used', 'unused', 'licensed', 'none'] as const satisfies SeatState[];

export const statusTone: Record<PersonStatus, Tone> = {
  ACTIVE: 'good',
  PROVISIONED: 'info',
  STAGED: 'info',
  PASSWORD_EXPIRED: 'warn',
  RECOVERY: 'warn',
  LOCKED_OUT: 'bad',
  SUSPENDED: 'warn',
  DEPROVISIONED: 'plain',
  deleted: 'plain',
};

export const seatTone: Record<SeatState, Tone> = { used: 'accent', unused: 'warn', licensed: 'info', none: 'plain' };

export const runTone: Record<Run['state'], Tone> = {
  running: 'info',
  paused: 'warn',
  complete: 'good',
  partial: 'warn',
  failed: 'bad',
  cancelled: 'plain',
};

export const actionTone: Record<Action['state'], Tone> = {
  accepted: 'info',
  running: 'info',
  done: 'good',
  refused: 'warn',
  failed: 'bad',
  unknown: 'warn',
};

export const jobTone: Record<Job['state'], Tone> = {
  gathering: 'info',
  preview: 'info',
  waiting_for_approval: 'warn',
  running: 'info',
  paused: 'warn',
  stopped: 'bad',
  cancelled: 'plain',
  done: 'good',
};

export const hasRunEnded = ({ state }: Run): boolean => ['complete', 'partial', 'failed', 'cancelled'].includes(state);
export const hasJobEnded = ({ state }: Job): boolean => state === 'done' || state === 'cancelled';
export const hasActionEnded = ({ state }: Action): boolean => state !== 'accepted' && state !== 'running';

/** Stands for Okta itself where an app is named. */
export const oktaItself = 'okta';

/** How what the audit log tells of came out. */
export const outcomes = ['asked', 'done', 'refused', 'failed', 'unknown'] as const;
export type Outcome = (typeof outcomes)[number];

export const windows = [7, 30, 60, 90] as const;
export const usualWindow = 30;
