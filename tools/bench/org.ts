import type { Seatwise, TestOrg } from '../harness/seatwise.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { Streams } from '@seatwise/messaging';

/** The shape of the org that is measured. */
export interface Size {
  people: number;
  apps: number;
  /** Of a person in 30 days, to Okta and to apps together. */
  signIns?: number;
  /** Of mongod, for the loop and for Seatwise alike. */
  cacheGb: number;
}

export type Say = (line: string) => void;

const dayMs = 86_400_000;
/** Where Seatwise begins to read the log of an org that is connected now: with the whole day thirty days before. */
export const firstDayOf = (now: string): Date => new Date(Math.floor(Date.parse(now) / dayMs - 30) * dayMs);

/** Settings of a simulator without limits whose clock stands still. */
export const orgOf = ({ people, apps }: Size, signInsPerPerson: number): Record<string, string> => ({
  SIMULATOR_PEOPLE: String(people),
  SIMULATOR_APPS: String(apps),
  SIMULATOR_GROUPS: '200',
  SIMULATOR_ASSIGNMENTS_PER_PERSON: '5',
  SIMULATOR_SIGN_INS_PER_PERSON_30D: String(signInsPerPerson),
});

/** The rights of an org's token from now on. */
export const grant = (org: TestOrg, ...permissions: string[]): Promise<unknown> =>
  org.control('PUT', 'tokens', { label: 'super-admin', permissions });

/** Resolves when all that was synced has been published and counted. */
export async function drained({ nats, services }: Seatwise): Promise<void> {
  const manager = await new Streams(nats).manager();
  for (;;) {
    const metrics = await (await fetch(`${services.get('sync-service')!.url}/metrics`)).text();
    const isPublished = /^outbox_pending(\{[^}]*\})? 0$/m.test(metrics);
    const consumers = await Promise.all(
      ['usage-directory', 'usage-sign-ins'].map((durable) => manager.consumers.info('EVENTS', durable)),
    );
    if (isPublished && consumers.every((consumer) => consumer.num_pending + consumer.num_ack_pending === 0)) return;
    await sleep(100);
  }
}
