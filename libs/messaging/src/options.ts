/** How a service reaches NATS. */
export interface MessagingOptions {
  /** One or several `nats://host:port`, separated by commas. */
  servers: string;
  /** The service's own name: its queue group, and what the server's connection list shows. */
  name: string;
  user?: string;
  password?: string;
  /** Copies that NATS keeps of each stream: 3 in a cluster. Left out, streams stay as they are, and new ones have 1. */
  replicas?: number;
}

export const MESSAGING_OPTIONS = Symbol('MESSAGING_OPTIONS');

/** The same from the settings that every service has. */
export const messagingOptionsOf = (
  name: string,
  { natsUrl, natsUser, natsPassword, natsReplicas }: NatsSettings,
): MessagingOptions => ({
  servers: natsUrl,
  name,
  ...(natsUser !== undefined && { user: natsUser }),
  ...(natsPassword !== undefined && { password: natsPassword }),
  ...(natsReplicas !== undefined && { replicas: natsReplicas }),
});

interface NatsSettings {
  natsUrl: string;
  natsUser?: string;
  natsPassword?: string;
  natsReplicas?: number;
}
