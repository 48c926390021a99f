/** How a service reaches NATS. */
export interface MessagingOptions {
  /** One or several `nats://host:port`, separated by commas; with `tls://` nothing is said in the clear. */
  servers: string;
  /** The service's own name: its queue group, and what the server's connection list shows. */
  name: string;
  user?: string;
  password?: string;
  /** The seed of an NKey, `SU…`, instead of a password: it signs what the server asks, and is never sent. */
  nkeySeed?: string;
  /** A file with a JWT and the seed of its NKey, as `nsc` makes it; read at each connection. */
  credsFile?: string;
  /** Files in PEM: whose certificates to believe, and one's own. */
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  /** Whose inboxes to listen on; `user`, or else `name`, when left out. */
  inbox?: string;
  /** Copies that NATS keeps of each stream: 3 in a cluster. Left out, streams stay as they are, and new ones have 1. */
  replicas?: number;
  /** Where the gateway is reached from outside: events name their schemas there. */
  publicUrl?: string;
}

export const MESSAGING_OPTIONS = Symbol('MESSAGING_OPTIONS');

/** The same from the settings that every service has. */
export const messagingOptionsOf = (
  name: string,
  {
    natsUrl,
    natsUser,
    natsPassword,
    natsNkeySeed,
    natsCredsFile,
    natsTlsCaFile,
    natsTlsCertFile,
    natsTlsKeyFile,
    natsReplicas,
    publicUrl,
  }: NatsSettings,
): MessagingOptions => ({
  servers: natsUrl,
  name,
  // A service hears on its own inboxes, whatever its user is called.
  inbox: name,
  ...(natsUser !== undefined && { user: natsUser }),
  ...(natsPassword !== undefined && { password: natsPassword }),
  ...(natsNkeySeed !== undefined && { nkeySeed: natsNkeySeed }),
  ...(natsCredsFile !== undefined && { credsFile: natsCredsFile }),
  ...((natsTlsCaFile ?? natsTlsCertFile ?? natsTlsKeyFile) !== undefined && {
    tls: {
      ...(natsTlsCaFile !== undefined && { caFile: natsTlsCaFile }),
      ...(natsTlsCertFile !== undefined && { certFile: natsTlsCertFile }),
      ...(natsTlsKeyFile !== undefined && { keyFile: natsTlsKeyFile }),
    },
  }),
  ...(natsReplicas !== undefined && { replicas: natsReplicas }),
  ...(publicUrl !== undefined && { publicUrl }),
});

interface NatsSettings {
  natsUrl: string;
  natsUser?: string;
  natsPassword?: string;
  natsNkeySeed?: string;
  natsCredsFile?: string;
  natsTlsCaFile?: string;
  natsTlsCertFile?: string;
  natsTlsKeyFile?: string;
  natsReplicas?: number;
  publicUrl?: string;
}
