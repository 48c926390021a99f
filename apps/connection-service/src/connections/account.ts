import type { FlattenedJWE } from 'jose';
import {
  defaultLicensedStatuses,
  type Capability,
  type ConnectionCheck,
  type ConnectionDto,
  type ConnectionHealth,
  type ConnectionSettings,
} from '@seatwise/contracts';
import { readings } from '@seatwise/okta';

/** An Okta account as it is stored: what everybody may know of it, and what stays here. */
export interface Account extends Omit<ConnectionDto, 'id'> {
  _id: string;
  /** Null once it is removed. */
  sealedToken: FlattenedJWE | null;
  /** The org's own id, which stays when it moves to another address. */
  orgId: string | null;
}

/** An account that is connected. */
export type Connected = Account & { sealedToken: FlattenedJWE };
export const isConnected = (account: Account): account is Connected => account.sealedToken !== null;

/** Where a token belongs; sealed under this, it opens nowhere else. */
export const bindingOf = (workspace: string, connection: string) => `${workspace}|${connection}|token`;

export function toDto({ _id, sealedToken: _sealed, orgId: _org, ...rest }: Account): ConnectionDto {
  return { id: _id, ...rest };
}

/** What the checks prove, and how the connection does by them. */
export function verdictOf(checks: ConnectionCheck[]): { capabilities: Capability[]; health: ConnectionHealth } {
  const capabilities = checks.flatMap(({ result, capability }) => (result === 'ok' && capability ? [capability] : []));
  const token = checks.find(({ check }) => check === 'token');
  if (token?.result === 'failed') return { capabilities, health: 'needs_reauth' };
  if (checks.some(({ check, result }) => check === 'url' && result === 'failed'))
    return { capabilities, health: 'failing' };
  const needed: Capability[] = ['users', 'groups', 'apps', 'usage'];
  return { capabilities, health: needed.every((name) => capabilities.includes(name)) ? 'healthy' : 'partial' };
}

/** The checks with what a service found out by reading: the token is good, and lacks just this. */
export function learnedFrom(checks: ConnectionCheck[], missing: Capability[]): ConnectionCheck[] {
  return checks.map((check) => Object.assign({}, check, learnedOf(check, missing)));
}

function learnedOf({ check, capability }: ConnectionCheck, missing: Capability[]): Partial<ConnectionCheck> {
  if (check === 'token') return { result: 'ok', detail: 'Okta accepts the token.', mend: '' };
  const reading = readings.find((each) => each.capability === capability);
  if (!reading) return {};
  return missing.includes(reading.capability)
    ? { result: 'missing', detail: reading.missing.reason, mend: reading.missing.mend }
    : { result: 'ok', detail: `The token may read ${reading.what}.`, mend: '' };
}

/** The settings of a connection, with what a person chose laid over what is usual. */
export function settingsWith(
  chosen: ConnectionSettings,
  usual: Required<Omit<ConnectionSettings, 'name'>> & { name: string },
): Required<ConnectionSettings> {
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
  return { ...usual, ...given };
}

/** What a connection has unless somebody chooses otherwise. */
export const usualSettings = (orgUrl: string): Required<ConnectionSettings> => ({
  name: new URL(orgUrl).hostname.split('.')[0]!,
  level: 'read',
  syncEveryMinutes: 15,
  paused: false,
  licensedStatuses: defaultLicensedStatuses,
  rateShare: 0.5,
  shrinkShare: 0.1,
});
