import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchedOnce, fromDebian, type Say, type Source } from '@seatwise/testing';

const run = promisify(execFile);
const jaeger = { release: '2.13.0', module: 'github.com/jaegertracing/jaeger', version: 'v1.76.0' };

/** The path of Jaeger: the one that JAEGER_BINARY names, else its makers' own, fetched once, else built once by Go. */
export function jaegerBinary(say: Say): Promise<string> {
  const named = process.env.JAEGER_BINARY;
  return named ? Promise.resolve(named) : fetchedOnce('jaeger', 'JAEGER_BINARY', [released(), built()], say);
}

/** The path of Prometheus: the one that PROMETHEUS_BINARY names, else that of Debian's package, which is not installed. */
export function prometheusBinary(say: Say): Promise<string> {
  const named = process.env.PROMETHEUS_BINARY;
  const source = fromDebian('prometheus', 'usr/bin/prometheus');
  return named ? Promise.resolve(named) : fetchedOnce('prometheus', 'PROMETHEUS_BINARY', [source], say);
}

/** With the page, which what Go builds lacks. */
function released(): Source {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `jaeger-${jaeger.release}-${process.platform}-${architecture}`;
  const url = `https://${jaeger.module.replace('/jaeger', '/jaeger/releases/download')}/v${jaeger.release}/${name}.tar.gz`;
  return {
    name: `Jaeger's release ${jaeger.release}`,
    bring: async (folder) => {
      const response = await fetch(url, { signal: AbortSignal.timeout(180_000) });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      writeFileSync(join(folder, 'jaeger.tar.gz'), Buffer.from(await response.arrayBuffer()));
      await run('tar', ['-xzf', 'jaeger.tar.gz'], { cwd: folder });
      return join(folder, name, 'jaeger');
    },
  };
}

/** Ten minutes of two cores. Its module replaces others, so it is built within one of ours that does the same. */
function built(): Source {
  const { module, version } = jaeger;
  return {
    name: `go install ${module}/cmd/jaeger@${version}`,
    bring: async (folder) => {
      const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`]);
      const { Dir: source } = JSON.parse(stdout) as { Dir: string };
      const work = join(folder, 'module');
      mkdirSync(work);
      const goMod = readFileSync(join(source, 'go.mod'), 'utf8').replace(/^module .*$/m, 'module local/wrapper');
      writeFileSync(join(work, 'go.mod'), `${goMod}\nrequire ${module} ${version}\n`);
      // Its own sums, so that all that it is made of is what its makers had.
      copyFileSync(join(source, 'go.sum'), join(work, 'go.sum'));
      chmodSync(join(work, 'go.sum'), 0o644);
      writeFileSync(join(work, 'tools.go'), `//go:build tools\n\npackage tools\n\nimport _ "${module}/cmd/jaeger"\n`);
      const env = { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false', GOBIN: folder, CGO_ENABLED: '0' };
      const options = { cwd: work, env, maxBuffer: 1e8, timeout: 3_600_000 };
      await run('go', ['install', '-trimpath', '-ldflags=-s -w', `${module}/cmd/jaeger`], options);
      return join(folder, 'jaeger');
    },
  };
}
