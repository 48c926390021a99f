import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@seatwise/testing';
import { say } from './engine.js';

const largestBytes = 250e6;
const patienceMs = 60_000;
const user = '65532';
/** What compiles, tests or installs, and a shell: nothing that runs has a use for it. */
const unwanted = ['nx', 'typescript', 'jest', 'oxlint', 'prettier', 'playwright-core', 'mongodb-memory-server-core'];

export interface Checked {
  /** As the folder under `apps/`. */
  name: string;
  image: string;
  /** docker or podman. */
  runner: string;
  engineEnv: NodeJS.ProcessEnv;
  /** The settings it is run with, beside its port. */
  env: Record<string, string>;
}

/** Runs the image as a cluster would, without any right, and answers what is not as it should be, and its size in bytes. */
export async function checkImage({
  name,
  image,
  runner,
  engineEnv,
  env,
}: Checked): Promise<{ size: number; findings: string[] }> {
  const ask = (...args: string[]) => say(runner, args, engineEnv);
  const size = Number(await ask('image', 'inspect', '--format', '{{.Size}}', image));
  const port = String(await freePort());
  const isSimulator = name === 'okta-simulator';
  const settings = { ...env, HTTP_PORT: port, SIMULATOR_PORT: port, HOST: '127.0.0.1', SIMULATOR_HOST: '127.0.0.1' };
  // podman mounts a writable /tmp unless told not to.
  const readOnly = runner === 'podman' ? ['--read-only', '--read-only-tmpfs=false'] : ['--read-only'];
  const container = await ask(
    'run',
    '--detach',
    '--pull=never',
    '--network=host',
    ...readOnly,
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--memory=448m',
    ...Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    image,
  );
  try {
    const path = isSimulator ? '/.well-known/okta-organization' : '/readyz';
    const ready = await answers(`http://127.0.0.1:${port}${path}`);
    if (!ready) return { size, findings: [`is not ready:\n${await ask('logs', container)}`] };
    const inside = (code: string) => ask('exec', container, '/nodejs/bin/node', '-p', code);
    const found = await inside(`JSON.stringify({
      written: ['/seatwise/x', '/tmp/x', '/x'].filter((path) => { try { fs.writeFileSync(path, ''); return true } catch { return false } }),
      shells: ['/bin/sh', '/bin/bash', '/usr/bin/npm', '/usr/local/bin/npm', '/usr/bin/gcc'].filter((path) => fs.existsSync(path)),
      packages: ${JSON.stringify(unwanted)}.filter((name) => fs.existsSync('/seatwise/node_modules/' + name)),
      sources: fs.readdirSync('/seatwise', { recursive: true }).filter((path) => !path.startsWith('node_modules') && /[.](ts|map)$/.test(path)),
    })`);
    const { written, shells, packages, sources } = JSON.parse(found) as Record<string, string[]>;
    const [uid] =
      /^Uid:\s+(\d+)/m
        .exec(readFileSync(`/proc/${await ask('inspect', '--format', '{{.State.Pid}}', container)}/status`, 'utf8'))
        ?.slice(1) ?? [];
    await ask('stop', '--time=30', container);
    const code = await ask('inspect', '--format', '{{.State.ExitCode}}', container);
    const findings = [
      [size >= largestBytes, `is of ${Math.round(size / 1e6)} MB`],
      [uid !== user, `runs as ${uid}`],
      [written!.length > 0, `could write ${written!.join(', ')}`],
      [shells!.length > 0, `has ${shells!.join(', ')}`],
      [packages!.length > 0, `has the packages ${packages!.join(', ')}`],
      [sources!.length > 0, `has sources: ${sources!.slice(0, 3).join(', ')}`],
      [code !== '0', `ended with ${code} after SIGTERM:\n${await ask('logs', '--tail=20', container)}`],
    ] as const;
    return { size, findings: findings.filter(([wrong]) => wrong).map(([, finding]) => finding) };
  } finally {
    await ask('rm', '--force', '--time=0', container).catch(() => undefined);
  }
}

async function answers(url: string): Promise<boolean> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(200)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return true;
  }
  return false;
}
