import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsUrl,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { Done, InConnection, InWorkspace, IsName, IsNullable, IsSeatwiseId, IsText, IsInGrowing } from './fields.js';
import { event, request } from './message.js';
import { userStatuses, type UserStatus } from './directory.js';

/** What Seatwise may do in the org: `read` refuses every action before Okta is called. */
export const permissionLevels = ['read', 'read_and_act'] as const;
export type PermissionLevel = (typeof permissionLevels)[number];

/** What a credential can be proved to allow. */
export const capabilities = [
  'users',
  'apps',
  'groups',
  'usage',
  'act_on_groups',
  'act_on_apps',
  'act_on_users',
  'events_in_real_time',
] as const;
export type Capability = (typeof capabilities)[number];

/** Okta's scope behind each capability (Okta API scopes). */
export const scopeOf: Record<Capability, string> = {
  users: 'okta.users.read',
  apps: 'okta.apps.read',
  groups: 'okta.groups.read',
  usage: 'okta.logs.read',
  act_on_groups: 'okta.groups.manage',
  act_on_apps: 'okta.apps.manage',
  act_on_users: 'okta.users.manage',
  events_in_real_time: 'okta.eventHooks.manage',
};

/** The statuses that take an Okta seat unless a connection says otherwise. */
export const defaultLicensedStatuses: UserStatus[] = [
  'ACTIVE',
  'PASSWORD_EXPIRED',
  'RECOVERY',
  'LOCKED_OUT',
  'SUSPENDED',
];

/** One named check of a connection test. */
export class ConnectionCheck {
  /** `url`, `token`, or the capability that it proves. */
  @IsText(50)
  check!: string;

  @IsOptional()
  @IsInGrowing(capabilities)
  capability?: Capability;

  /** Okta's scope that is needed. */
  @IsOptional()
  @IsText(100)
  scope?: string;

  /** `unknown`: Okta gives this credential no way to prove it. */
  @IsIn(['ok', 'missing', 'failed', 'unknown'])
  result!: 'ok' | 'missing' | 'failed' | 'unknown';

  @IsText(500)
  detail!: string;

  /** What to do about it; empty when all is well. */
  @IsText(800)
  mend!: string;
}

/** How a connection does: `healthy`, `partial` (something may not be read), `needs_reauth` (the token is dead). */
export const connectionHealths = ['healthy', 'partial', 'needs_reauth', 'failing'] as const;
export type ConnectionHealth = (typeof connectionHealths)[number];

/** An org, and what a credential of it was proved to allow. */
class Proved extends InWorkspace {
  /** `https://acme.okta.com` */
  @IsUrl({ require_tld: false, protocols: ['https', 'http'] })
  orgUrl!: string;

  @IsIn(connectionHealths)
  health!: ConnectionHealth;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ConnectionCheck)
  checks!: ConnectionCheck[];

  @IsArray()
  @IsInGrowing(capabilities, { each: true })
  capabilities!: Capability[];
}

/** An Okta account of a workspace. It never holds the credential. */
export class ConnectionDto extends Proved {
  @IsSeatwiseId()
  id!: string;

  @IsText(100)
  name!: string;

  @IsIn(permissionLevels)
  level!: PermissionLevel;

  /** Minutes between two syncs. */
  @IsInt()
  @Min(1)
  @Max(1440)
  syncEveryMinutes!: number;

  @IsBoolean()
  paused!: boolean;

  @IsArray()
  @IsIn(userStatuses, { each: true })
  licensedStatuses!: UserStatus[];

  /** The share of the org's rate limits that Seatwise may use, 0 to 1. */
  @IsNumber()
  @Min(0.05)
  @Max(1)
  rateShare!: number;

  /** A run that would take away more than this share of what was there waits for agreement. */
  @IsNumber()
  @Min(0.01)
  @Max(1)
  shrinkShare!: number;

  /** Counts up with each change, so that a late copy never overwrites a newer one. */
  @IsInt()
  version!: number;

  @IsISO8601()
  createdAt!: string;

  @IsNullable()
  @IsISO8601()
  testedAt!: string | null;

  /** When it was disconnected and its history kept; null: it is connected. */
  @IsNullable()
  @IsISO8601()
  removedAt!: string | null;
}

export class ConnectionListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ConnectionDto)
  connections!: ConnectionDto[];
}

/** What a person chooses about a connection. */
export class ConnectionSettings {
  @IsOptional()
  @IsName()
  name?: string;

  @IsOptional()
  @IsIn(permissionLevels)
  level?: PermissionLevel;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1440)
  syncEveryMinutes?: number;

  @IsOptional()
  @IsBoolean()
  paused?: boolean;

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(userStatuses.length)
  @ArrayUnique()
  @IsIn(userStatuses, { each: true })
  licensedStatuses?: UserStatus[];

  @IsOptional()
  @IsNumber()
  @Min(0.05)
  @Max(1)
  rateShare?: number;

  @IsOptional()
  @IsNumber()
  @Min(0.01)
  @Max(1)
  shrinkShare?: number;
}

/** `sealedToken` is the API token sealed to connection-service (`sealFor`), context `connect|{workspace}|{orgUrl}`. */
export class ConnectAccount extends InWorkspace {
  @IsText(500)
  orgUrl!: string;

  @IsText(8000)
  sealedToken!: string;

  @IsObject()
  @ValidateNested()
  @Type(() => ConnectionSettings)
  settings!: ConnectionSettings;
}

/** `sealedToken` is the API token sealed to connection-service, context `test|{workspace}|{orgUrl}`. */
export class TryAccount extends InWorkspace {
  /** Under which each check is told live as it ends. */
  @IsSeatwiseId()
  test!: string;

  @IsText(500)
  orgUrl!: string;

  @IsText(8000)
  sealedToken!: string;

  @IsIn(permissionLevels)
  level!: PermissionLevel;

  /** The connection whose token this is to replace; without it the org must not be connected yet. */
  @IsOptional()
  @IsSeatwiseId()
  connection?: string;
}

export class RetestConnection extends InConnection {
  /** Under which each check is told live as it ends. */
  @IsOptional()
  @IsSeatwiseId()
  test?: string;
}

/** What a test came to. */
export class ConnectionTestDto extends Proved {
  @IsSeatwiseId()
  id!: string;
}

export class ConnectionCheckedV1 extends InWorkspace {
  @IsSeatwiseId()
  test!: string;

  @IsObject()
  @ValidateNested()
  @Type(() => ConnectionCheck)
  check!: ConnectionCheck;
}

export class UpdateConnection extends InConnection {
  @IsObject()
  @ValidateNested()
  @Type(() => ConnectionSettings)
  settings!: ConnectionSettings;
}

/** `sealedToken` is the API token sealed to connection-service, context `rotate|{workspace}|{connection}`. */
export class RotateCredential extends InConnection {
  @IsText(8000)
  sealedToken!: string;

  /** The same org at another address, where it has moved. */
  @IsOptional()
  @IsText(500)
  orgUrl?: string;
}

export class RemoveConnection extends InConnection {
  /** `erase` takes the mirror, the sign-ins and the figures with it; `keep` leaves them readable. */
  @IsIn(['keep', 'erase'])
  history!: 'keep' | 'erase';
}

/** Asked by a service that calls Okta; the answer is sealed to that service's public key. */
export class CredentialRequest extends InConnection {
  @IsIn(['sync-service', 'action-service'])
  recipient!: 'sync-service' | 'action-service';
}

export class SealedCredential {
  /** JWE of `{"kind":"api_token","token":"…"}`, context `credential|{workspace}|{connection}`. */
  @IsText(8000)
  sealed!: string;

  @IsText(500)
  orgUrl!: string;

  @IsNumber()
  rateShare!: number;
}

/** What a service learned about the credential by using it: Okta rejects it, or takes it for all but what is missing. */
export class CredentialVerdict extends InConnection {
  @IsIn(['accepted', 'rejected'])
  verdict!: 'accepted' | 'rejected';

  /** The capabilities to read that it was found to lack, where it is accepted. */
  @IsArray()
  @IsInGrowing(capabilities, { each: true })
  missing!: Capability[];

  /** Of the connection as the service knew it: one that was changed since has perhaps another credential. */
  @IsInt()
  version!: number;
}

export class ConnectionRemovedV1 extends InConnection {
  @IsIn(['keep', 'erase'])
  history!: 'keep' | 'erase';
}

export const connectAccount = request('connections.connect', ConnectAccount, ConnectionDto, { timeoutMs: 60_000 });
export const listConnections = request('connections.list', InWorkspace, ConnectionListDto);
export const getConnection = request('connections.get', InConnection, ConnectionDto);
/** Runs the checks, and stores nothing. */
export const tryAccount = request('connections.try', TryAccount, ConnectionTestDto, { timeoutMs: 60_000 });
/** Runs the checks anew, stores and answers them. */
export const testConnection = request('connections.test', RetestConnection, ConnectionDto, { timeoutMs: 60_000 });
export const updateConnection = request('connections.update', UpdateConnection, ConnectionDto);
export const rotateCredential = request('connections.rotate', RotateCredential, ConnectionDto, { timeoutMs: 60_000 });
export const removeConnection = request('connections.remove', RemoveConnection, Done);
export const requestCredential = request('connections.credential', CredentialRequest, SealedCredential);
export const reportCredential = request('connections.verdict', CredentialVerdict, Done);

/** One check of a test has ended: told live, and kept by no stream. */
export const connectionChecked = event('connection.checked', 1, ConnectionCheckedV1);
export const connectionConnected = event('connection.connected', 1, ConnectionDto);
export const connectionChanged = event('connection.changed', 1, ConnectionDto);
export const connectionRemoved = event('connection.removed', 1, ConnectionRemovedV1);
