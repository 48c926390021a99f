#!/usr/bin/env node
// The door to every command: brings a fitting Node.js and the dependencies, then hands over. Plain JavaScript, for it
// must run on whatever Node.js the machine has.
import { spawnSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const state = join(root, '.seatwise');
const [command, ...args] = process.argv.slice(2);
const oldest = [24, 9];

// Who asks what there is to choose waits for nothing to be fetched, installed or built.
if (command === 'start' && args.some((argument) => argument === '--help' || argument === '-h')) {
  console.log(readFileSync(join(root, 'tools/start/usage.txt'), 'utf8').trimEnd());
  process.exit(0);
}

mkdirSync(state, { recursive: true });
// The token of a real org is for `start` alone: what fetches, installs, builds or serves has no use for it.
const forStart = process.env.OKTA_API_TOKEN && { OKTA_API_TOKEN: process.env.OKTA_API_TOKEN };
delete process.env.OKTA_API_TOKEN;
const node = fittingNode();
const env = {
  ...process.env,
  PATH: [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
};
installDependencies();

const commands = {
  build: () => run('nx', ['run-many', '-t', 'build', '--output-style=stream', ...args]),
  test: () => run(node, [join(root, 'tools/test.mjs'), ...args]),
  start: () => build() || run(node, [join(root, 'tools/dist/start/main.js'), ...args], forStart),
  serve: () => build() || run(node, [join(root, 'tools/dist/serve/main.js'), ...args]),
  'dead-letters': () => build() || run(node, [join(root, 'tools/dist/dead-letters/main.js'), ...args]),
  republish: () => build() || run(node, [join(root, 'tools/dist/republish/main.js'), ...args]),
  'after-restore': () => build() || run(node, [join(root, 'tools/dist/after-restore/main.js'), ...args]),
  drill: () => build() || test('drill'),
  examples: () => build() || test('examples'),
  nats: () => build() || run(node, [join(root, 'tools/dist/nats/main.js'), ...args]),
  schemas: () => build() || run(node, [join(root, 'tools/dist/schemas/main.js'), ...args]),
  audit: () => build() || run(node, [join(root, 'tools/dist/audit/main.js'), ...args]),
  actions: () => build() || run(node, [join(root, 'tools/dist/actions/main.js'), ...args]),
  bench: () => build() || run(node, [join(root, 'tools/dist/bench/main.js'), ...args]),
  screenshots: () => build() || run(node, [join(root, 'tools/dist/screenshots/main.js'), ...args]),
  trace: () => build() || run(node, [join(root, 'tools/dist/trace/main.js'), ...args]),
  images: () => build() || run(node, [join(root, 'tools/dist/images/main.js'), ...args]),
  sbom: () => build() || run(node, [join(root, 'tools/dist/images/main.js'), '--sbom', ...args]),
  cluster: () => build() || run(node, [join(root, 'tools/dist/cluster/main.js'), ...args]),
  format: () => run('prettier', ['--write', '--log-level=warn', '.']),
};
if (!commands[command]) {
  console.error(`Unknown command "${command}"; known: ${Object.keys(commands).join(', ')}`);
  process.exit(2);
}
process.exitCode = await commands[command]();

/** The machine's own Node.js where it is new enough; else the one pinned in tools/node, fetched once. */
function fittingNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const binary = join(root, 'tools/node/node_modules', name, 'bin/node');
  if (!existsSync(binary)) {
    console.log(`Node.js ${process.versions.node} is older than ${oldest.join('.')}: fetching the pinned one, once.`);
    npm(process.execPath, ['ci', '--prefix', join(root, 'tools/node')], process.env);
  }
  if (!existsSync(binary)) {
    console.error(
      `Seatwise needs Node.js ${oldest.join('.')} or newer and has none to fetch for this platform. Install it and try again.`,
    );
    process.exit(1);
  }
  return binary;
}

/** Installs when the lockfile is not the one that was installed last. */
function installDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const mark = join(root, 'node_modules/.seatwise-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  console.log('Installing dependencies (about a minute, once) …');
  npm(node, ['ci', '--no-fund', '--no-audit', '--loglevel=error'], env);
  writeFileSync(mark, lock);
}

function npm(withNode, argv, environment) {
  const cli = process.env.npm_execpath;
  const done = cli?.endsWith('.js')
    ? spawnSync(withNode, [cli, ...argv], { cwd: root, env: environment, stdio: 'inherit' })
    : spawnSync('npm', argv, { cwd: root, env: environment, stdio: 'inherit' });
  if (done.status !== 0) {
    console.error('The dependencies could not be installed; the lines above say why.');
    process.exit(1);
  }
}

function build() {
  const done = spawnSync('nx', ['run-many', '-t', 'build', '--output-style=static'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  if (done.status !== 0) console.error(done.stdout, done.stderr);
  return done.status ?? 1;
}

/** Tests that are no part of `npm test`. */
function test(project) {
  return run('jest', ['--selectProjects', project, '--runInBand', '--forceExit', ...args], {
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
  });
}

/** The child decides when to end, and this process follows it. A signal may reach it twice: by a terminal, and from here. */
function run(file, argv, more) {
  const child = spawn(file, argv, { cwd: root, env: { ...env, ...more }, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${file} could not be run: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  });
}
