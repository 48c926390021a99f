import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '@seatwise/testing';
import { composeWithKeys } from './compose.js';
import { CannotMakeError, programOf, type ProgramName } from './programs.js';

/** Tells `npm test` that a step could not be done here. */
const skippedStatus = 77;

const say = (line: string) => console.log(`  ${line}`);
const folder = join(root, '.seatwise/deployment');
const schemas = join(root, 'tools/deployment/schemas/{{.ResourceKind}}{{.KindSuffix}}.json');
const run = promisify(execFile);

/** What kube-score finds that is meant to be so. */
const meant = {
  // A limit of CPU would slow a service down while a core idles; what it asks for is kept free for it anyway.
  cpuLimit: '--ignore-container-cpu-limit',
  tests: {
    'container-image-pull-policy': 'an image has a version, and one version is one image',
    'deployment-has-host-podantiaffinity': 'topologySpreadConstraints spread the pods, also where there are few nodes',
    'statefulset-has-host-podantiaffinity': 'one pod each, in the demo alone',
    'statefulset-has-poddisruptionbudget': 'of one pod each, in the demo alone, a budget would keep its node for ever',
  },
};

/** What is applied: the overlays, and the demo with every component that there is. */
const applied = {
  demo: join(root, 'k8s/overlays/demo'),
  production: join(root, 'k8s/overlays/production'),
  'demo-with-components': withComponents(),
};

const checks: [name: string, program: ProgramName, check: (path: string) => Promise<string>][] = [
  ['Dockerfile', 'hadolint', hadolint],
  ['overlays built', 'kustomize', kustomize],
  ['overlays valid', 'kubeconform', kubeconform],
  ['overlays safe', 'kube-score', kubeScore],
  ['docker-compose.yml', 'compose-go', composeGo],
  ['alerts', 'promtool', promtool],
];

mkdirSync(folder, { recursive: true });
let skipped = 0;
for (const [name, program, check] of checks) {
  try {
    const found = await check(await programOf(program, say));
    console.log(`${name.padEnd(20)}${program}: ${found}`);
  } catch (error) {
    if (error instanceof CannotMakeError) {
      skipped += 1;
      console.log(`${name.padEnd(20)}SKIPPED: ${error.message}`);
      continue;
    }
    process.exitCode = 1;
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    console.error(`${name.padEnd(20)}${program} FAILED: ${`${stdout}\n${stderr}`.trim() || String(error)}`);
  }
}
if (skipped > 0) process.exitCode ||= skippedStatus;

async function hadolint(path: string): Promise<string> {
  await run(path, ['--failure-threshold', 'style', join(root, 'Dockerfile')]);
  return 'nothing found';
}

async function kustomize(path: string): Promise<string> {
  for (const [name, source] of Object.entries(applied))
    writeFileSync(manifestsOf(name), (await run(path, ['build', source], { maxBuffer: 1e8 })).stdout);
  return Object.keys(applied).join(', ');
}

async function kubeconform(path: string): Promise<string> {
  const files = Object.keys(applied).map(manifestsOf);
  // KEDA's own kind: its schema is with KEDA. tools/deployment/manifests.spec.ts holds what we say in it to the code.
  const args = ['-strict', '-summary', '-skip', 'ScaledObject', '-schema-location', schemas, ...files];
  return (await run(path, args)).stdout.trim();
}

async function kubeScore(path: string): Promise<string> {
  const ignored = Object.keys(meant.tests).flatMap((test) => ['--ignore-test', test]);
  const args = ['score', meant.cpuLimit, ...ignored, '--exit-one-on-warning', '--output-format', 'ci'];
  for (const name of Object.keys(applied)) {
    // Where KEDA rules how many there are, kube-score, which does not know it, sees nobody who does.
    const more = name === 'demo-with-components' ? ['--ignore-test', 'deployment-replicas'] : [];
    const { stdout = '', failed } = await run(path, [...args, ...more, manifestsOf(name)], { maxBuffer: 1e8 }).then(
      (done) => ({ ...done, failed: false }),
      (error: { stdout?: string }) => ({ stdout: error.stdout, failed: true }),
    );
    const findings = stdout.split('\n').filter((line) => /^\[(CRITICAL|WARNING)\]/.test(line));
    if (failed) throw new Error([name, ...findings].join('\n'));
  }
  const reasons = Object.entries(meant.tests).map(([test, reason]) => `  not ${test}: ${reason}`);
  return ['nothing found', ...reasons].join('\n');
}

async function composeGo(path: string): Promise<string> {
  const file = join(folder, 'docker-compose.yml');
  writeFileSync(file, composeWithKeys());
  const { stdout } = await run(path, ['-format', 'json', '-no-path-resolution', file], { maxBuffer: 1e8 });
  const { services } = JSON.parse(stdout) as { services: object };
  return `${Object.keys(services).length} services`;
}

async function promtool(path: string): Promise<string> {
  const folderOfRules = join(root, 'observability');
  await run(path, ['check', 'config', join(folderOfRules, 'prometheus.yaml')]);
  await run(path, ['test', 'rules', join(folderOfRules, 'alerts.test.yaml')]);
  return 'valid, and they fire when they should';
}

function manifestsOf(name: string): string {
  return join(folder, `${name}.yaml`);
}

function withComponents(): string {
  const path = join(folder, 'demo-with-components');
  mkdirSync(path, { recursive: true });
  const up = '../../../k8s';
  writeFileSync(
    join(path, 'kustomization.yaml'),
    [
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      'kind: Kustomization',
      'namespace: seatwise',
      `resources: [${up}/overlays/demo]`,
      `components: [${up}/components/keda, ${up}/components/providers]`,
      '',
    ].join('\n'),
  );
  return path;
}
