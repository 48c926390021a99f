import type { FlattenedJWE } from 'jose';
import {
  defaultLicensedStatuses,
  type Capability,
  type ConnectionCheck,
  type ConnectionDto,
  type ConnectionHealth,
  type ConnectionSettings,
} from '@seatwise/contracts';

/** An Okta account as it is stored: what everybody may know of it, and the sealed token. */
export interface Account extends Omit<ConnectionDto, 'id'> {
  _id: string;
  sealedToken: FlattenedJWE;
}

/** Where a token belongs; sealed under this, it opens nowhere else. */
export const bindingOf = (workspace: string, connection: string) => `${workspace}|${connection}|token`;

export function toDto({ _id, sealedToken: _sealed, ...rest }: Account): ConnectionDto {
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
