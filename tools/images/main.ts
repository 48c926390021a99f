import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, startTestServers } from '@seatwise/testing';
import { composeEnvironments } from '../deployment/compose.js';
import { serviceNames } from '../start/services.js';
import { checkImage } from './check.js';
import { engineWithoutRegistry, installedEngine, live, say } from './engine.js';

const names = [...serviceNames, 'okta-simulator'];
const usage = `npm run images -- [names] [options]     builds the images seatwise/{name}:{version} with docker, podman or buildah
  --version 0.1.0        their version; that of package.json unless said
  --check                runs each: read-only, without capabilities, not as root, and ended by SIGTERM
  --without-registry     for a machine that reaches no registry of images: bases of Debian's packages stand in for the real ones
  --sbom                 builds nothing; writes each one's bill of materials (CycloneDX) to .seatwise/sbom

Names: ${names.join(', ')}; all of them when none is named.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string' },
    check: { type: 'boolean', default: false },
    'without-registry': { type: 'boolean', default: false },
    sbom: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !names.includes(name));
if (values.help || unknown.length > 0) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const wanted = positionals.length > 0 ? positionals : names;
const { version: own } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const version = values.version ?? own;
const imageOf = (name: string) => `seatwise/${name}:${version}`;

if (values.sbom) for (const name of wanted) writeSbom(name);
else await build();

async function build(): Promise<void> {
  const engine = values['without-registry'] ? await engineWithoutRegistry() : await installedEngine();
  const verb = engine.builder === 'buildah' ? 'bud' : 'build';
  const revision = await say('git', ['-C', root, 'rev-parse', 'HEAD'], process.env).catch(() => 'unknown');
  for (const name of wanted) {
    const told = { SERVICE: name, VERSION: version, REVISION: revision };
    const args = Object.entries(told).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    await live(engine.builder, [verb, ...engine.buildArgs, ...args, '-t', imageOf(name), root], engine.env);
  }
  const { runner } = engine;
  if (!runner || !values.check) return;
  const environmentOf = composeEnvironments();
  const servers = await startTestServers();
  try {
    for (const name of wanted) {
      // The collector is not there.
      const here = { OTEL_EXPORTER_OTLP_ENDPOINT: '', NATS_URL: servers.natsUrl, MONGODB_URL: servers.mongoUrl };
      const password = (servers.natsPasswords as Record<string, string | undefined>)[name];
      const env = { ...environmentOf(name), ...here, ...(password !== undefined && { NATS_PASSWORD: password }) };
      const { size, findings } = await checkImage({ name, image: imageOf(name), runner, engineEnv: engine.env, env });
      for (const finding of findings) console.error(`${name}: ${finding}`);
      if (findings.length > 0) process.exitCode = 1;
      else
        console.log(
          `${name.padEnd(20)}${Math.round(size / 1e6)} MB; runs read-only as 65532, and ends by SIGTERM with 0`,
        );
    }
  } finally {
    await servers.stop();
  }
}

function writeSbom(name: string): void {
  const folder = join(root, '.seatwise/sbom');
  mkdirSync(folder, { recursive: true });
  const args = [
    'sbom',
    '--sbom-format=cyclonedx',
    '--package-lock-only',
    '--omit=dev',
    `--workspace=@seatwise/${name}`,
  ];
  const text = execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  const { components } = JSON.parse(text) as { components: object[] };
  writeFileSync(join(folder, `${name}.cdx.json`), text);
  console.log(`${name.padEnd(20)}${components.length} components, .seatwise/sbom/${name}.cdx.json`);
}
