import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { insideAccount } from '@seatwise/contracts';

/** What JetStream kept before there were accounts is the services' own now. Only while no nats-server uses it. */
export function moveIntoAccount(storeDir: string): void {
  const accounts = join(storeDir, 'jetstream/jetstream');
  const [before, now] = [join(accounts, '$G'), join(accounts, insideAccount)];
  if (existsSync(before) && !existsSync(now)) renameSync(before, now);
}
