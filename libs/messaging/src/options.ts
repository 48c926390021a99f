/** How a service reaches NATS. */
export interface MessagingOptions {
  /** One or several `nats://host:port`, separated by commas. */
  servers: string;
  /** The service's own name: its queue group, and what the server's connection list shows. */
  name: string;
  user?: string;
  password?: string;
  /** Copies of each stream; 3 in production, 1 on one machine. */
  replicas?: number;
}

export const MESSAGING_OPTIONS = Symbol('MESSAGING_OPTIONS');
