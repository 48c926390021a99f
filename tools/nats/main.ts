import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { consumerUser, natsVariable } from '@seatwise/contracts';
import { closeConsumer, openConsumers } from '@seatwise/messaging';
import { natsOf } from '../operator/nats.js';
import { root } from '../start/home.js';
import { accountsFile, committed } from './accounts.js';
import { consumerOf, readerNameOf, UsageError } from './consumers.js';
import { designed, documented, page } from './table.js';

const usage = `npm run nats -- accounts [--consumer NAME=WORKSPACE]… [--nkeys]
    prints accounts.conf for nats-server: the services, the operator, and these readers of one workspace's events each.
    With --write it becomes ${committed}; with --write FILE, that file.
npm run nats -- table
    prints who may say what on which subject. With --write it becomes ${documented}.
npm run nats -- consumers --consumer NAME=WORKSPACE…    opens the place in the stream from which each of these reads, that of the
    oldest event. With --new that of the next one, for a reader that begins with a snapshot.
npm run nats -- consumers --remove NAME…                takes it away again

consumers asks the server in NATS_URL as an operator, by the settings that a service has for NATS; without it, the one that
npm start runs.`;

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { command, values, file } = readArguments(process.argv.slice(2));
  const consumers = values.consumer.map(consumerOf);
  if (values.help) return console.log(usage);
  if (command === 'accounts') {
    const text = accountsFile({ consumers, login: values.nkeys ? 'nkey' : 'password' });
    if (!values.write) return console.log(text);
    const path = file ?? join(root, committed);
    writeFileSync(path, text);
    const variables = consumers.map((consumer) =>
      natsVariable(consumerUser(consumer), values.nkeys ? 'nkey' : 'password'),
    );
    console.log(
      [`${path} is written.`, ...variables.map((name) => `nats-server wants ${name} in its environment.`)].join('\n'),
    );
    return;
  }
  if (command === 'table') {
    if (!values.write) return console.log(page(designed()));
    return writeFileSync(join(root, documented), page(designed()));
  }
  if (command !== 'consumers' || consumers.length + values.remove.length === 0)
    throw new UsageError('What should be done?');
  const nats = await natsOf('nats');
  for (const line of await openConsumers(nats, consumers, { fromNow: values.new })) console.log(line);
  for (const name of values.remove.map(readerNameOf)) console.log(await closeConsumer(nats, name));
  await nats.onApplicationShutdown();
}

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        consumer: { type: 'string', multiple: true, default: [] },
        remove: { type: 'string', multiple: true, default: [] },
        new: { type: 'boolean', default: false },
        nkeys: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [command, file] = positionals;
    return { command, file, values };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
