import type { Kept } from './home.js';

/** The five services in the order in which they are named to a person. */
export const serviceNames = [
  'connection-service',
  'sync-service',
  'usage-aggregator',
  'action-service',
  'gateway',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Where a running system can be reached. */
export interface Reachable {
  natsUrl: string;
  /** Whether that nats-server is ours, with a user for each service. */
  natsUsers: boolean;
  mongoUrl: string;
  /** Origins that may be connected to beside Okta's own: the simulator's. */
  allowedOrigins: string[];
}

export interface Surroundings extends Reachable {
  kept: Kept;
}

/** The settings of one service: just what it needs, so that no service holds another's keys. */
export function settingsOf(
  service: ServiceName,
  port: number,
  { natsUrl, natsUsers, mongoUrl, allowedOrigins, kept }: Surroundings,
): Record<string, string> {
  const common = {
    NATS_URL: natsUrl,
    ...(natsUsers && { NATS_USER: service, NATS_PASSWORD: kept.natsPasswords[service] }),
    MONGODB_URL: mongoUrl,
    HTTP_PORT: String(port),
    HOST: '127.0.0.1',
  };
  const privateKey = { SERVICE_PRIVATE_KEY: JSON.stringify(kept.privateKeys[service] ?? {}) };
  const publicKeys = { SERVICE_PUBLIC_KEYS: JSON.stringify(kept.publicKeys) };
  const sealing = { ENCRYPTION_KEYS: JSON.stringify(kept.encryptionKeys), ENCRYPTION_KEY_ID: kept.encryptionKeyId };
  const okta = { OKTA_ALLOWED_ORIGINS: allowedOrigins.join(',') };
  switch (service) {
    case 'connection-service':
      return {
        ...common,
        ...privateKey,
        ...publicKeys,
        ...okta,
        ...sealing,
      };
    case 'sync-service':
      return { ...common, ...privateKey, ...okta };
    case 'action-service':
      return { ...common, ...privateKey, ...okta, ...sealing, WEBHOOK_ALLOW_HTTP_ON_LOOPBACK: 'true' };
    case 'usage-aggregator':
      return common;
    default:
      return { ...common, ...publicKeys, BOOTSTRAP_TOKEN: kept.bootstrapToken };
  }
}
