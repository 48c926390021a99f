import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { jetstreamManager } from '@nats-io/jetstream';
import type { TraceSink } from '@seatwise/testing';
import type { Seatwise } from '../tools/harness/seatwise.js';

/** Where a text was found, and how much was looked at. */
export interface Search {
  found: string[];
  documents: number;
  messages: number;
  /** Characters. */
  logs: number;
}

/** A text as it is, and as it would be within a URL, as Base64 of its own, or in hexadecimal digits. */
const formsOf = (text: string): string[] => {
  const bytes = Buffer.from(text);
  const forms = [
    text,
    encodeURIComponent(text),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
  return [...new Set(forms.map((form) => form.replace(/=+$/, '')))];
};

/**
 * Looks for texts wherever Seatwise keeps anything: every collection as its bytes are, MongoDB's log of whatever was ever
 * written, every stream with its headers, the logs of all processes, the traces, and what was heard on the bus.
 */
export async function searched(
  seatwise: Seatwise,
  sink: TraceSink,
  texts: string[],
  heard: string[] = [],
): Promise<Search> {
  const forms = texts.flatMap(formsOf);
  const search: Search = { found: [], documents: 0, messages: 0, logs: 0 };
  const look = (where: string, content: Buffer | string) => {
    if (forms.some((form) => content.includes(form))) search.found.push(where);
  };
  const client = await MongoClient.connect(seatwise.servers.mongoUrl);
  for (const { name } of (await client.db().admin().listDatabases()).databases)
    for (const { name: collection, type } of await client.db(name).listCollections().toArray()) {
      if (type === 'view' || (name === 'local' && collection !== 'oplog.rs')) continue;
      for await (const document of client.db(name).collection(collection).find({}, { raw: true })) {
        search.documents += 1;
        look(`${name}.${collection}`, document as unknown as Buffer);
      }
    }
  await client.close();
  const manager = await jetstreamManager(await seatwise.nats.connection());
  for await (const { config, state } of manager.streams.list())
    // One that has had nothing yet begins at 0, which is no number of a message.
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage(config.name, { seq });
      if (!message) continue;
      search.messages += 1;
      look(config.name, `${message.subject} ${JSON.stringify([...message.header])} ${message.string()}`);
    }
  for (const file of readdirSync(seatwise.logs)) {
    const log = readFileSync(join(seatwise.logs, file), 'utf8');
    search.logs += log.length;
    look(file, log);
  }
  for (const body of sink.bodies()) look('traces', body);
  for (const message of heard) look('bus', message);
  return { ...search, found: [...new Set(search.found)] };
}
