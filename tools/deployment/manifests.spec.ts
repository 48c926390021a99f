import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { accountsFile, committed } from '../nats/accounts.js';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const keys = (...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'tools/keys.mjs'), ...args], { encoding: 'utf8' });

interface Resource {
  kind: string;
  metadata: { name: string };
  spec: {
    podSelector?: { matchExpressions?: { values: string[] }[] };
    triggers?: { metadata: { stream: string; consumer: string } }[];
  };
}
const resourcesIn = (folder: string) =>
  globSync(`k8s/${folder}/**/*.yaml`, { cwd: root }).flatMap((file) =>
    parseAllDocuments(read(file)).map((document) => document.toJS() as Resource),
  );
const sources = globSync(['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'], {
  cwd: root,
  exclude: (path) => /node_modules|dist|\.spec\.ts$/.test(path),
});
const code = sources.map(read).join('\n');

/** What may be left out, and where a collector is. */
const isOptional = (value: string) => /^\$\{\w+:-\}$/.test(value) || value.startsWith('${OTEL_');

describe('the manifests', () => {
  it('refer to Secrets that `npm run keys -- kubernetes` makes, with every key that is named', () => {
    const { items } = JSON.parse(keys('kubernetes')) as {
      items: { metadata: { name: string }; stringData: Record<string, string> }[];
    };
    const made = new Map(items.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData)]));
    const text = globSync(['k8s/base/**/*.yaml', 'k8s/overlays/demo/**/*.yaml'], { cwd: root }).map(read).join('\n');
    const referred = [...text.matchAll(/secretRef: \{ name: ([\w-]+)|secretName: ([\w-]+)/g)].map(
      ([, a, b]) => a ?? b ?? '',
    );
    expect(referred).toContain('gateway');
    expect(referred.filter((name) => !made.has(name))).toEqual([]);
    for (const [, name = '', key] of text.matchAll(/secretKeyRef: \{ name: ([\w-]+), key: (\w+)/g))
      expect(made.get(name)).toContain(key);
    for (const [, variable] of read('k8s/overlays/demo/nats/accounts.conf').matchAll(/\$(\w+_NATS_PASSWORD)/g))
      expect(made.get('nats')).toContain(variable);
  });

  it.each(['gateway', 'connection-service', 'sync-service', 'usage-aggregator', 'action-service'])(
    'give %s in the demo all that docker-compose.yml gives it',
    (name) => {
      const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
        services: Record<string, { environment: Record<string, string> }>;
      };
      const wanted = Object.entries(services[name]?.environment ?? {}).filter(([, value]) => !isOptional(value));
      const { items } = JSON.parse(keys('kubernetes')) as {
        items: { metadata: { name: string }; stringData: Record<string, string> }[];
      };
      const literals = ['base', 'overlays/demo'].flatMap((folder) =>
        [...read(`k8s/${folder}/kustomization.yaml`).matchAll(/^ +- (\w+)=/gm)].map(([, variable]) => variable),
      );
      const own = [...read('k8s/base/every-service.yaml').matchAll(/- name: ([A-Z_]+)$/gm)].map(
        ([, variable]) => variable,
      );
      const secret = items.find(({ metadata }) => metadata.name === name)!.stringData;
      expect([...literals, ...own, ...Object.keys(secret)]).toEqual(
        expect.arrayContaining(wanted.map(([variable]) => variable)),
      );
    },
  );

  it('let each user of NATS say and hear what the design gives them: npm run nats -- accounts --write', () => {
    expect(read(committed)).toBe(accountsFile());
  });

  it('let those reach the internet who call Okta, and nobody else', () => {
    const callers = globSync('apps/*/package.json', { cwd: root })
      .map((file) => JSON.parse(read(file)) as { name: string; dependencies?: Record<string, string> })
      .filter(({ dependencies = {} }) => '@seatwise/okta' in dependencies)
      .map(({ name }) => name.replace('@seatwise/', ''));
    expect(callers).toContain('sync-service');
    const toTheInternet = [...resourcesIn('base'), ...resourcesIn('overlays')].filter(
      ({ kind, spec }) => kind === 'NetworkPolicy' && JSON.stringify(spec).includes('0.0.0.0/0'),
    );
    const selected = toTheInternet.map(({ spec }) => spec.podSelector?.matchExpressions?.map(({ values }) => values));
    expect(selected).toEqual([[expect.arrayContaining(callers)]]);
    expect(selected.flat(2)).toHaveLength(callers.length);
  });

  it('scale by streams and consumers that there are', () => {
    const triggers = resourcesIn('components/keda').flatMap(({ spec }) => spec?.triggers ?? []);
    expect(triggers.length).toBeGreaterThan(0);
    for (const { metadata } of triggers)
      expect(code).toMatch(
        new RegExp(`stream: '${metadata.stream}'(?: as const)?,\\s+durable: '${metadata.consumer}'`),
      );
  });
});

describe('docker-compose.yml', () => {
  it('takes every setting that .env.example explains, and no other', () => {
    const explained = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    const taken = [...read('docker-compose.yml').matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name);
    expect(new Set(taken)).toEqual(new Set(explained));
  });
});

describe('observability/alerts.yaml', () => {
  it('names for each alert what it means and where to read what to do', () => {
    const { groups } = parse(read('observability/alerts.yaml')) as {
      groups: { rules: { alert: string; annotations: { summary: string; runbook: string } }[] }[];
    };
    const guide = read('docs/kubernetes.md');
    for (const { alert, annotations } of groups.flatMap(({ rules }) => rules)) {
      expect(annotations.summary).toBeTruthy();
      expect(annotations.runbook).toBe(`docs/kubernetes.md#${alert.toLowerCase()}`);
      expect(guide).toContain(`### ${alert}\n`);
    }
  });
});
