import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '@seatwise/testing';
import { serviceNames } from '../start/services.js';
import { ControlPlane, until, zones } from './control-plane.js';
import { Metrics } from './metrics.js';
import { controlPlanePrograms } from './programs.js';

/** Starts a control plane, sees that the manifests do on it what they should, and throws at the first that does not. */
export async function check(): Promise<void> {
  const programs = await controlPlanePrograms(console.log);
  const plane = await ControlPlane.start(programs);
  const { metrics, stop } = await Metrics.start(plane);
  const checks: [what: string, see: () => Promise<string>][] = [
    ['the demo is taken, and available', () => demo(plane)],
    ['its pods are spread over nodes', () => spread(plane)],
    ['a pod without restrictions is refused', () => refused(plane)],
    ['a service may ask the API for nothing', () => powerless(plane)],
    ['an autoscaler scales by CPU, up and down', () => scaled(plane, metrics)],
    ['a budget stops a drain, and lets it through', () => drained(plane)],
    ['production replaces it, two available all the time', () => replaced(plane)],
  ];
  try {
    for (const [what, see] of checks) console.log(`${what.padEnd(52)}${await see()}`);
    console.log(`\n${checks.length} passed, 0 failed`);
  } finally {
    stop();
    await plane.stop();
  }
}

interface Deployment {
  metadata: { name: string };
  status: { availableReplicas?: number };
}
interface Pod {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
  spec: { nodeName?: string };
}

const inNamespace = ['-n', 'seatwise'];
const deployments = async (plane: ControlPlane) =>
  (await plane.get<{ items: Deployment[] }>('deployments', ...inNamespace)).items;
const pods = async (plane: ControlPlane, name: string) =>
  (await plane.get<{ items: Pod[] }>('pods', ...inNamespace, '-l', `app.kubernetes.io/name=${name}`)).items.filter(
    ({ metadata }) => !metadata.deletionTimestamp,
  );
const available = async (plane: ControlPlane) =>
  (await deployments(plane)).map(({ metadata, status }) => ({
    name: metadata.name,
    count: status.availableReplicas ?? 0,
  }));
const allHaveTwo = (seen: { name: string; count: number }[]) =>
  seen.filter(({ name, count }) => name !== 'okta-simulator' && count >= 2).length === serviceNames.length;
const waitForRollout = (plane: ControlPlane) =>
  plane.kubectl('rollout', 'status', 'deployment', ...inNamespace, '--timeout=180s');

async function demo(plane: ControlPlane): Promise<string> {
  const secrets = execFileSync(process.execPath, [join(root, 'tools/keys.mjs'), 'kubernetes'], { encoding: 'utf8' });
  await plane.kubectl('apply', '-f', join(root, 'k8s/base/namespace.yaml'));
  await plane.apply((JSON.parse(secrets) as { items: object[] }).items);
  await plane.apply(['nats', 'mongodb'].map(volumeOf));
  await plane.kubectl('apply', '-k', join(root, 'k8s/overlays/demo'));
  await waitForRollout(plane);
  await plane.kubectl('rollout', 'status', 'statefulset', ...inNamespace, '--timeout=120s');
  await plane.kubectl('wait', 'job/mongodb-setup', ...inNamespace, '--for=condition=Complete', '--timeout=120s');
  const seen = await until('two of each service', () => available(plane), allHaveTwo);
  return `${seen.length} deployments, 2 stateful sets, 1 job`;
}

/** What a cluster's storage would make for the claims of the demo. */
function volumeOf(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '20Gi' },
      accessModes: ['ReadWriteOnce'],
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'seatwise', name: `data-${name}-0` },
      hostPath: { path: `/var/lib/${name}` },
    },
  };
}

async function spread(plane: ControlPlane): Promise<string> {
  for (const name of serviceNames) {
    const nodes = (await pods(plane, name)).map(({ spec }) => spec.nodeName);
    if (new Set(nodes).size !== nodes.length) throw new Error(`the pods of ${name} are on ${nodes.join(', ')}`);
  }
  return 'no two of a service on one';
}

async function refused(plane: ControlPlane): Promise<string> {
  const complaint = await plane.kubectl('run', 'bad', ...inNamespace, '--image=busybox:1').then(
    () => 'nobody: it was taken',
    ({ stderr }: { stderr: string }) => stderr,
  );
  const wanted = ['allowPrivilegeEscalation', 'capabilities', 'runAsNonRoot', 'seccompProfile'];
  if (!wanted.every((word) => complaint.includes(word))) throw new Error(`it was refused by ${complaint}`);
  return wanted.join(', ');
}

async function powerless(plane: ControlPlane): Promise<string> {
  for (const name of serviceNames)
    for (const verb of ['get secrets', 'list pods', 'create pods']) {
      const who = `--as=system:serviceaccount:seatwise:${name}`;
      const may = await plane.kubectl('auth', 'can-i', ...verb.split(' '), ...inNamespace, who).catch(() => 'no');
      if (may.trim() !== 'no') throw new Error(`${name} may ${verb}`);
    }
  return 'no';
}

async function scaled(plane: ControlPlane, metrics: Metrics): Promise<string> {
  const count = async () => (await pods(plane, 'gateway')).length;
  metrics.load.set('gateway', 180);
  await until('gateways under load', count, (seen) => seen === 6);
  metrics.load.delete('gateway');
  await until('gateways without load', count, (seen) => seen === 2);
  await waitForRollout(plane);
  return '2, at 180 % of the CPU 6, at 30 % 2';
}

/** While no node takes a replacement, of each service one pod may go and no second; and as soon as one does, the other may. */
async function drained(plane: ControlPlane): Promise<string> {
  const nodes = zones.map((zone) => `node-${zone}`);
  const drain = (node: string, timeout: string) =>
    plane
      .kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force', `--timeout=${timeout}`)
      .then(() => 'done')
      .catch(({ stderr }: { stderr: string }) => stderr);
  for (const node of nodes) await plane.kubectl('cordon', node);
  const outcomes: string[] = [];
  for (const node of nodes) outcomes.push(await drain(node, '15s'));
  if (!outcomes.some((said) => /disruption budget/.test(said)))
    throw new Error(`nothing stopped it: ${outcomes.join('; ')}`);
  const left = await available(plane);
  if (left.some(({ name, count }) => name !== 'okta-simulator' && count < 1)) throw new Error(JSON.stringify(left));
  for (const node of nodes) await plane.kubectl('uncordon', node);
  await until('two of each service', () => available(plane), allHaveTwo);
  for (const node of nodes) {
    const said = await drain(node, '90s');
    if (said !== 'done') throw new Error(said);
    await plane.kubectl('uncordon', node);
  }
  await until('two of each service', () => available(plane), allHaveTwo);
  return 'one of each stays; each node emptied in turn';
}

async function replaced(plane: ControlPlane): Promise<string> {
  const fewest = new Map<string, number>();
  const over = new AbortController();
  const watching = (async () => {
    for (; !over.signal.aborted; await sleep(100))
      for (const { name, count } of await available(plane))
        fewest.set(name, Math.min(fewest.get(name) ?? Infinity, count));
  })();
  await plane.kubectl('apply', '-k', join(root, 'k8s/overlays/production'));
  await waitForRollout(plane);
  over.abort();
  await watching;
  const short = serviceNames.filter((name) => (fewest.get(name) ?? 0) < 2);
  if (short.length > 0) throw new Error(`fewer than two of ${short.join(', ')}`);
  const { items } = await plane.get<{ items: { metadata: { name: string } }[] }>('ingress', ...inNamespace);
  return `never fewer; ingress ${items.map(({ metadata }) => metadata.name).join(', ')}`;
}
