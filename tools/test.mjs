// `npm test`: everything that must hold before a change lands, in the order in which it fails fastest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const only = process.argv.slice(2);
/** @type {[name: string, program: string, args: string[]][]} */
const steps = [
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  ['build', 'nx', ['run-many', '-t', 'build', '--output-style=static']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['boundaries', process.execPath, ['tools/boundaries.mjs']],
  ['types', 'tsc', ['-p', 'tsconfig.spec.json']],
  ['deployment', process.execPath, ['tools/dist/deployment/main.js']],
  ['unit', 'jest', ['--selectProjects', 'unit']],
  // Much of a test's time is waiting for Okta, so two at once use two cores better than one.
  ['servers', 'jest', ['--selectProjects', 'servers', '--maxWorkers=2', '--forceExit']],
  ['start', 'jest', ['--selectProjects', 'start', '--runInBand', '--forceExit']],
];
const report = '.seatwise/jest.json';
/** With this a step ends that could not be done here, and says why. */
const skippedStatus = 77;
let passed = 0;
let failed = 0;
let skipped = 0;
let current;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    current?.kill(signal);
    process.exit(1);
  });
for (const [name, file, args] of steps.filter((step) => only.length === 0 || only.includes(step[0]))) {
  const isJest = file === 'jest';
  console.log(`\n── ${name}`);
  const started = Date.now();
  current = spawn(file, isJest ? [...args, '--json', `--outputFile=${report}`] : args, {
    stdio: ['ignore', isJest ? 'ignore' : 'inherit', 'inherit'],
    env: {
      ...process.env,
      NX_DAEMON: 'false',
      NODE_OPTIONS:
        `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
    },
  });
  const [status] = await once(current, 'close');
  if (isJest) {
    const counts = JSON.parse(readFileSync(report, 'utf8'));
    passed += counts.numPassedTests;
    failed += counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  } else if (status === 0) passed += 1;
  else if (status === skippedStatus) skipped += 1;
  else failed += 1;
  const outcome = { 0: 'ok', [skippedStatus]: 'SKIPPED in part' }[status] ?? 'FAILED';
  console.log(`${outcome} in ${Math.round((Date.now() - started) / 1000)} s`);
  if (outcome === 'FAILED') process.exitCode = 1;
  if (status !== 0 && name === 'build') break;
}
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
