import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { testFolder } from '@seatwise/testing';
import type { ControlPlane } from './control-plane.js';

interface Pod {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  spec: { containers: { name: string; resources: { requests: { cpu: string } } }[] };
}

const group = 'metrics.k8s.io/v1beta1';

/**
 * Stands in for a metrics server: every pod uses 30 % of the CPU that it asked for, or what `load` has for its service. Registered
 * with the API server, so that the real autoscalers read it.
 */
export class Metrics {
  readonly load = new Map<string, number>();

  static async start(plane: ControlPlane): Promise<{ metrics: Metrics; stop: () => void }> {
    const folder = testFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const metrics = new Metrics();
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      void metrics.respond(plane, new URL(request.url ?? '/', 'https://localhost'), response);
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const { port } = server.address() as AddressInfo;
    await plane.apply([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'metrics', namespace: 'kube-system' },
        spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
      },
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: 'v1beta1.metrics.k8s.io' },
        spec: {
          group: 'metrics.k8s.io',
          version: 'v1beta1',
          groupPriorityMinimum: 100,
          versionPriority: 100,
          insecureSkipTLSVerify: true,
          service: { name: 'metrics', namespace: 'kube-system', port },
        },
      },
    ]);
    const stop = () => {
      server.close();
      server.closeAllConnections();
    };
    return { metrics, stop };
  }

  private async respond(plane: ControlPlane, url: URL, response: ServerResponse): Promise<void> {
    // An API server that is ending answers nobody; neither do we then.
    const body = await this.answer(plane, url).catch(() => undefined);
    response.writeHead(body ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  }

  private async answer(plane: ControlPlane, { pathname, searchParams }: URL): Promise<object> {
    if (!pathname.endsWith('/pods')) {
      const resources = [
        { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
      ];
      return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group, resources };
    }
    const namespace = /namespaces\/([^/]+)/.exec(pathname)?.[1] ?? '';
    const { items } = await plane.get<{ items: Pod[] }>(
      'pods',
      '-n',
      namespace,
      '-l',
      searchParams.get('labelSelector') ?? '',
    );
    return {
      kind: 'PodMetricsList',
      apiVersion: group,
      metadata: {},
      items: items.map(({ metadata, spec }) => ({
        metadata: { name: metadata.name, namespace, labels: metadata.labels },
        timestamp: new Date().toISOString(),
        window: '10s',
        containers: spec.containers.map(({ name, resources }) => ({
          name,
          usage: { cpu: this.used(metadata.labels, resources.requests.cpu), memory: '150Mi' },
        })),
      })),
    };
  }

  private used(labels: Record<string, string>, asked: string): string {
    const percent = this.load.get(labels['app.kubernetes.io/name'] ?? '') ?? 30;
    return `${Math.round((Number.parseInt(asked, 10) * percent) / 100)}m`;
  }
}
