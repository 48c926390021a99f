import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchedOnce, fromGo, type Say, type Source } from '@seatwise/testing';

const run = promisify(execFile);
const kubernetes = 'v1.37.2';
const etcd = 'v3.6.16';
export const kwok = 'sigs.k8s.io/kwok@v0.8.0';

const sources = {
  etcd: fromModule('go.etcd.io/etcd/server/v3', etcd, 'server', () => ''),
  'kube-apiserver': ofKubernetes('kube-apiserver'),
  'kube-controller-manager': ofKubernetes('kube-controller-manager'),
  'kube-scheduler': ofKubernetes('kube-scheduler'),
  kubectl: ofKubernetes('kubectl'),
  kwok: fromGo(kwok.replace('@', '/cmd/kwok@'), 'kwok'),
} satisfies Record<string, Source>;
export type Programs = Record<keyof typeof sources, string>;

/** A control plane's programs, built once: twelve minutes of two cores, 7 GB of Go's caches, and 0.4 GB that are kept. */
export async function controlPlanePrograms(say: Say): Promise<Programs> {
  const paths: [string, string][] = [];
  for (const [name, source] of Object.entries(sources))
    paths.push([name, await fetchedOnce(name, 'PATH', [source], say)]);
  return Object.fromEntries(paths) as Programs;
}

/** The folder of a module's source, fetched where it is not there. */
export async function sourceOf(module: string): Promise<string> {
  return (JSON.parse((await run('go', ['mod', 'download', '-json', module])).stdout) as { Dir: string }).Dir;
}

function ofKubernetes(command: string): Source {
  const staged = kubernetes.replace('v1.', 'v0.');
  return fromModule(
    'k8s.io/kubernetes',
    kubernetes,
    command,
    (goMod) => {
      // Its own go.mod names parts beside it in its repository; they are published too.
      const parts = [...goMod.matchAll(/^\s*(k8s\.io\/[a-z0-9-]+) => \.\/staging\//gm)].map(([, part]) => part);
      const debug = /^godebug [^]*?(?:\)|$)/m.exec(goMod)?.[0] ?? '';
      return [...parts.map((part) => `replace ${part} => ${part} ${staged}`), debug].join('\n');
    },
    `cmd/${command}`,
  );
}

/** Builds a program whose module cannot be installed by its name, in a module of ours that requires it. */
function fromModule(
  module: string,
  version: string,
  program: string,
  more: (goMod: string) => string,
  inside = '',
): Source {
  const target = inside ? `${module}/${inside}` : module;
  return {
    name: `go install ${target}@${version}`,
    bring: async (folder) => {
      const { GoMod } = JSON.parse((await run('go', ['mod', 'download', '-json', `${module}@${version}`])).stdout) as {
        GoMod: string;
      };
      const goMod = readFileSync(GoMod, 'utf8');
      const work = join(folder, 'module');
      mkdirSync(work);
      const language = /^go .*$/m.exec(goMod)?.[0] ?? '';
      writeFileSync(
        join(work, 'go.mod'),
        ['module local/wrapper', language, `require ${module} ${version}`, more(goMod)].join('\n'),
      );
      writeFileSync(join(work, 'tools.go'), `//go:build tools\n\npackage tools\n\nimport _ "${target}"\n`);
      const env = { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false', GOBIN: folder, CGO_ENABLED: '0' };
      const there = { cwd: work, env, maxBuffer: 1e8, timeout: 3_600_000 };
      await run('go', ['mod', 'tidy', '-e'], there);
      const [major, minor] = version.replace('v', '').split('.');
      const at = 'k8s.io/component-base/version';
      const flags = `-s -w -X ${at}.gitVersion=${version} -X ${at}.gitMajor=${major} -X ${at}.gitMinor=${minor}`;
      await run('go', ['install', '-trimpath', `-ldflags=${flags}`, target], there);
      return join(folder, program);
    },
  };
}
