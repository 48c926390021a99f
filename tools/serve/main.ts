import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, nodeFlags } from '@seatwise/testing';
import { Home, root } from '../start/home.js';
import { serviceNames, settingsOf, type ServiceName } from '../start/services.js';

/**
 * `npm run serve -- sync-service`: one service, built and started anew at each change of its code or of a lib's, as a
 * further replica beside the system that `npm start` runs; on its own with the settings of the environment otherwise.
 */
const name = process.argv[2] as ServiceName;
if (!serviceNames.includes(name)) {
  console.error(`Name a service: ${serviceNames.join(', ')}`);
  process.exit(2);
}

const home = new Home();
const reachable = home.running();
const port = await freePort(8090, { say: console.log, what: name });
const settings = reachable
  ? settingsOf(name, port, { ...reachable, kept: await home.load() })
  : { HTTP_PORT: String(port) };

const projects = [
  ...readdirSync(join(root, 'libs'))
    .filter((lib) => lib !== 'testing')
    .map((lib) => `libs/${lib}`),
  `apps/${name}`,
];
const children: ChildProcess[] = projects.map((project) =>
  // What does not compile is said, and not written: the service goes on with what was built before.
  spawn('tsc', ['-p', join(root, project), '--watch', '--preserveWatchOutput', '--noEmitOnError'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  }),
);
children.push(
  spawn(
    process.execPath,
    [...nodeFlags, '--watch', '--watch-preserve-output', join(root, 'apps', name, 'dist/main.js')],
    {
      env: { ...process.env, ...settings },
      stdio: 'inherit',
    },
  ),
);
console.log(`${name} on http://127.0.0.1:${port}, rebuilt and restarted at each change; Ctrl-C ends it.`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(0);
  });
