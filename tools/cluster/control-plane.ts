import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, startProcess, testFolder, untilReady, type RunningProcess } from '@seatwise/testing';
import { kwok, sourceOf, type Programs } from './programs.js';

const run = promisify(execFile);
export const zones = ['a', 'b', 'c'];

/**
 * Kubernetes as it decides: a real API server with its admission, controllers and scheduler, on loopback. The nodes are played by
 * kwok, which makes a pod run and be ready whatever its image and probes are.
 */
export class ControlPlane {
  private constructor(
    private readonly running: RunningProcess[],
    private readonly kubectlPath: string,
    private readonly kubeconfig: string,
  ) {}

  static async start(programs: Programs): Promise<ControlPlane> {
    const folder = testFolder();
    const at = (name: string) => join(folder, name);
    mkdirSync(at('pki'));
    const running: RunningProcess[] = [];
    const start = (name: keyof Programs, ...args: string[]) => {
      const started = startProcess({ command: programs[name], args, logFile: at(`${name}.log`) });
      running.push(started);
      return started;
    };
    const [client, peer, api, manager, scheduler, node] = await ports(6);
    execFileSync('openssl', ['genrsa', '-out', at('sa.key'), '2048'], { stdio: 'ignore' });
    const token = randomBytes(24).toString('hex');
    writeFileSync(at('tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
    const kubeconfig = at('kubeconfig');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'here',
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'admin' } }],
        clusters: [{ name: 'here', cluster: { server: `https://127.0.0.1:${api}`, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'admin', user: { token } }],
      }),
      { mode: 0o600 },
    );
    const plane = new ControlPlane(running, programs.kubectl, kubeconfig);
    try {
      start(
        'etcd',
        '--data-dir',
        at('etcd'),
        '--unsafe-no-fsync',
        '--listen-client-urls',
        url(client),
        '--advertise-client-urls',
        url(client),
        '--listen-peer-urls',
        url(peer),
        '--initial-advertise-peer-urls',
        url(peer),
        '--initial-cluster',
        `default=${url(peer)}`,
      );
      const server = start(
        'kube-apiserver',
        `--etcd-servers=${url(client)}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        `--secure-port=${api}`,
        `--cert-dir=${at('pki')}`,
        `--token-auth-file=${at('tokens.csv')}`,
        `--service-account-key-file=${at('sa.key')}`,
        `--service-account-signing-key-file=${at('sa.key')}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        '--service-cluster-ip-range=10.96.0.0/16',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--endpoint-reconciler-type=none',
      );
      await untilReady('kube-apiserver', server, () => plane.kubectl('get', '--raw', '/readyz'), 120);
      const shared = [
        '--kubeconfig',
        kubeconfig,
        '--bind-address=127.0.0.1',
        `--cert-dir=${at('pki')}`,
        '--leader-elect=false',
      ];
      start(
        'kube-controller-manager',
        ...shared,
        `--secure-port=${manager}`,
        `--service-account-private-key-file=${at('sa.key')}`,
        '--controllers=*,-node-ipam-controller',
        // So that an autoscaler decides in seconds, which it otherwise does in minutes.
        '--horizontal-pod-autoscaler-sync-period=2s',
        '--horizontal-pod-autoscaler-downscale-stabilization=5s',
        '--horizontal-pod-autoscaler-initial-readiness-delay=0s',
        '--horizontal-pod-autoscaler-cpu-initialization-period=0s',
      );
      start('kube-scheduler', ...shared, `--secure-port=${scheduler}`);
      const stages = join(await sourceOf(kwok), 'kustomize/stage');
      const built = await Promise.all(
        ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'].map((stage) =>
          plane.kubectl('kustomize', join(stages, stage)),
        ),
      );
      writeFileSync(at('stages.yaml'), built.join('\n---\n'));
      start(
        'kwok',
        '--config',
        at('stages.yaml'),
        '--kubeconfig',
        kubeconfig,
        '--manage-all-nodes=true',
        '--node-lease-duration-seconds=40',
        `--server-address=127.0.0.1:${node}`,
        '--node-ip=127.0.0.1',
      );
      await plane.apply(nodes());
      await plane.kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=60s');
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  /** What kubectl says; throws with what it complains of. */
  async kubectl(...args: string[]): Promise<string> {
    return (await run(this.kubectlPath, ['--kubeconfig', this.kubeconfig, ...args], { maxBuffer: 1e8 })).stdout;
  }

  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl('get', ...args, '-o', 'json')) as T;
  }

  /** Applies resources that are given, not read from a file. */
  async apply(resources: object[]): Promise<void> {
    const child = spawn(this.kubectlPath, ['--kubeconfig', this.kubeconfig, 'apply', '-f', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: resources }));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(complaint);
  }

  async stop(): Promise<void> {
    for (const each of this.running.toReversed()) await each.stop();
  }
}

/** Waits until it is so; throws with what it last was. */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  seconds = 90,
): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end) throw new Error(`${what}: it is ${JSON.stringify(seen)} after ${seconds} s`);
    await sleep(200);
  }
}

async function ports(count: number): Promise<[number, number, number, number, number, number]> {
  const taken: number[] = [];
  while (taken.length < count)
    taken.push(await freePort(0, { say: () => undefined, what: 'a part of Kubernetes', except: taken }));
  return taken as [number, number, number, number, number, number];
}

function nodes(): object[] {
  const room = { cpu: '16', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return zones.map((zone) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${zone}`,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'topology.kubernetes.io/zone': zone, 'kubernetes.io/hostname': `node-${zone}` },
    },
    status: { allocatable: room, capacity: room },
  }));
}

const url = (port: number) => `http://127.0.0.1:${port}`;
