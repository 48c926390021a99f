import { rmSync, writeFileSync } from 'node:fs';
import { Nats, openConsumers } from '@seatwise/messaging';
import { newNatsPassword } from '@seatwise/testing';
import type { Api } from './api.js';
import type { Home, Kept } from './home.js';

type Say = (line: string) => void;

/** Gives each a password, which it keeps: nats-server is told of them as it starts. */
export function addReaders(names: string[], kept: Kept, home: Home): void {
  if (names.length === 0) return;
  kept.readers ??= {};
  for (const name of names) kept.readers[name] ??= { password: newNatsPassword() };
  home.save(kept);
}

/** Opens the places in the stream from which they read, and writes down for each what its program has to be told. */
export async function openPlaces(api: Api, kept: Kept, home: Home, say: Say): Promise<void> {
  const readers = Object.entries(kept.readers ?? {});
  if (readers.length === 0) return;
  const { natsUrl, natsUsers } = home.running()!;
  if (!natsUsers) return say('Readers     none: those of the server in NATS_URL are made with npm run nats');
  const { id: workspace } = await api.call<{ id: string }>('GET', '/workspace');
  const { operator: password } = kept.natsPasswords;
  const nats = new Nats({ servers: natsUrl, name: 'operator', user: 'operator', password });
  for (const [name, reader] of readers) {
    const [line = ''] = await openConsumers(nats, [{ name, workspace }]);
    if (reader.workspace !== workspace) Object.assign(reader, { workspace, apiKey: await viewerKey(api, name) });
    const file = home.path('readers', `${name}.env`);
    rmSync(file, { force: true });
    const settings = {
      SEATWISE_URL: api.url,
      SEATWISE_API_KEY: reader.apiKey,
      SEATWISE_NATS_URL: natsUrl,
      SEATWISE_READER: name,
      SEATWISE_READER_PASSWORD: reader.password,
    };
    const lines = Object.entries(settings).map(([variable, value]) => `${variable}=${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    say(`Reader      ${line}; what its program needs is in ${file}`);
  }
  home.save(kept);
  await nats.onApplicationShutdown();
}

const viewerKey = async (api: Api, name: string): Promise<string> =>
  (await api.call<{ key: string }>('POST', '/keys', { name: `Reader ${name}`, role: 'viewer' })).key;
