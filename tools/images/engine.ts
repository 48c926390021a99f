import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '@seatwise/testing';

const run = promisify(execFile);
const folder = join(root, '.seatwise/images');

/** What builds and runs images here. */
export interface Engine {
  builder: string;
  /** Absent where images can be built and not run: buildah alone. */
  runner?: string;
  env: NodeJS.ProcessEnv;
  buildArgs: string[];
}

/** docker, else podman, else buildah: what is installed. Throws when nothing is. */
export async function installedEngine(): Promise<Engine> {
  // A registry of npm's that wants a token.
  const npmrc = join(homedir(), '.npmrc');
  const buildArgs = existsSync(npmrc) ? ['--secret', `id=npmrc,src=${npmrc}`] : [];
  for (const name of ['docker', 'podman'])
    if (await has(name)) return { builder: name, runner: name, env: process.env, buildArgs };
  if (await has('buildah')) return { builder: 'buildah', env: process.env, buildArgs };
  throw new Error('docker, podman or buildah must be installed to build images.');
}

/**
 * For a machine that reaches no registry of images: podman with a storage of its own under .seatwise, and two bases made of Debian's
 * packages and of this machine's Node.js in place of the real ones. What is built so shows the recipe, and is not to be shipped.
 */
export async function engineWithoutRegistry(): Promise<Engine> {
  for (const name of ['podman', 'buildah', 'runc', 'mmdebstrap'])
    if (!(await has(name))) throw new Error(`apt-get install buildah podman runc mmdebstrap: ${name} is missing.`);
  mkdirSync(folder, { recursive: true });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const storage = ['[storage]', 'driver = "overlay"', `graphroot = "${folder}/graph"`, `runroot = "${folder}/run"`];
  const engine = ['[engine]', 'cgroup_manager = "cgroupfs"', 'events_logger = "file"', 'runtime = "runc"'];
  const limits = 'default_ulimits = ["nofile=10000:10000", "nproc=4096:4096"]';
  const env = {
    ...process.env,
    BUILDAH_ISOLATION: 'chroot',
    CONTAINERS_STORAGE_CONF: file('storage.conf', storage.join('\n')),
    CONTAINERS_CONF: file('containers.conf', ['[containers]', limits, ...engine].join('\n')),
  };
  const made = { ...(await installedEngine()), builder: 'buildah', runner: 'podman', env };
  await makeBases(made);
  const bases = { BUILD_BASE: 'localhost/stand-in/build', RUN_BASE: 'localhost/stand-in/run' };
  const named = Object.entries(bases).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const certificates = ['-v', '/etc/ssl/certs:/etc/ssl/certs:ro'];
  return {
    ...made,
    buildArgs: [...made.buildArgs, ...named, ...certificates, '--layers', '--network=host', '--pull=never'],
  };
}

async function makeBases(engine: Engine): Promise<void> {
  const known = await say(engine.runner!, ['images', '--format', '{{.Repository}}'], engine.env);
  if (known.includes('stand-in/build') && known.includes('stand-in/run')) return;
  const context = join(folder, 'bases');
  rmSync(context, { recursive: true, force: true });
  mkdirSync(context, { recursive: true });
  // As the real ones: one with a shell and npm, and one with nothing but what Node.js needs.
  const small = 'base-files,libc6,libstdc++6,libgcc-s1,netbase,tzdata,ca-certificates';
  await live(
    'mmdebstrap',
    ['--quiet', '--variant=minbase', '--include=ca-certificates', 'bookworm', join(context, 'build.tar')],
    engine.env,
  );
  await live(
    'mmdebstrap',
    ['--quiet', '--variant=extract', `--include=${small}`, 'bookworm', join(context, 'run.tar')],
    engine.env,
  );
  cpSync(process.execPath, join(context, 'node'));
  const cli = process.env.npm_execpath ?? '/usr/lib/node_modules/npm/bin/npm-cli.js';
  cpSync(dirname(dirname(cli)), join(context, 'npm'), { recursive: true, dereference: true });
  const recipes = {
    build: [
      'ADD build.tar /',
      'COPY node /usr/local/bin/node',
      'COPY npm /usr/local/lib/npm',
      'RUN ln -s ../lib/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/npm/bin/npx-cli.js /usr/local/bin/npx',
      // Whatever this machine believes, npm in it does.
      'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt',
    ],
    run: ['ADD run.tar /', 'COPY node /nodejs/bin/node'],
  };
  for (const [name, steps] of Object.entries(recipes)) {
    writeFileSync(join(context, name), ['FROM scratch', ...steps, ''].join('\n'));
    const args = [
      'bud',
      '--quiet',
      '--pull=never',
      '--network=host',
      '-f',
      join(context, name),
      '-t',
      `localhost/stand-in/${name}`,
      context,
    ];
    await live('buildah', args, engine.env);
  }
  rmSync(context, { recursive: true });
}

/** What the program says. */
export async function say(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return (await run(program, args, { env, maxBuffer: 1e8 })).stdout.trim();
}

/** Runs it with its output on the terminal; throws when it fails. */
export async function live(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [code] = (await once(spawn(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] }), 'close')) as [
    number,
  ];
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}.`);
}

const has = (program: string) =>
  run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );
