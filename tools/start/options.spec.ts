import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, cpSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { known, parseOptions as parse, UsageError } from './options.js';

const parseOptions = (argv: string[]) =>
  parse(argv, { allowedOrigins: [], allowedHostSuffixes: ['.login.example.com'] });

describe('the options of npm start', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({
      orgUrl: undefined,
      people: 3000,
      limits: 'none',
      port: 8080,
      readers: [],
      fresh: false,
      once: false,
      help: false,
    });
  });

  it.each([
    ['https://acme.okta.com', 'https://acme.okta.com'],
    ['acme-admin.okta.com/admin/dashboard', 'https://acme.okta.com'],
    ['http://acme.okta.com', 'https://acme.okta.com'],
    ['acme.login.example.com', 'https://acme.login.example.com'],
  ])('takes the org %s', (given, orgUrl) => {
    expect(parseOptions(['--org-url', given])).toMatchObject({ orgUrl });
  });

  it.each([
    ['', /Give the address/],
    ['ftp://acme.okta.com', /must begin with https/],
    ['https://acme.example.com', /not in one of Okta's domains/],
    ['https://acme okta com', /not an address/],
    ['https://127.0.0.1', /host name, not a number/],
  ])('refuses the org "%s" before anything is started', (given, words) => {
    expect(() => parseOptions(['--org-url', given])).toThrow(words);
  });

  it.each([['--token', 'x'], ['--token=x'], ['--api-token=x'], ['-token']])(
    'refuses a token on the command line (%s)',
    (...argv) => {
      expect(() => parseOptions(argv)).toThrow(/never taken from the command line/);
    },
  );

  it.each([
    ['--people', '0'],
    ['--people', '1.5'],
    ['--people', 'many'],
    ['--limits', 'some'],
    ['--port', '80'],
    ['--port', 'http'],
    ['--reader', 'Not a name'],
    ['--unknown'],
    ['stray'],
  ])('refuses %s %s', (...argv) => {
    expect(() => parseOptions(argv.filter(Boolean))).toThrow(UsageError);
  });

  it.each(['--help', '-h'])('are all told by %s, with nothing fetched or built', (help) => {
    const place = mkdtempSync(join(tmpdir(), 'seatwise-help-'));
    try {
      // Of the checkout only what is in it before anything was installed.
      for (const path of ['tools/run.mjs', 'tools/start/usage.txt']) cpSync(path, join(place, path));
      const told = spawnSync(process.execPath, [join(place, 'tools/run.mjs'), 'start', help], { encoding: 'utf8' });
      expect([told.status, told.stderr]).toEqual([0, '']);
      for (const option of Object.keys(known)) expect(told.stdout).toContain(`  --${option}`);
      expect(existsSync(join(place, '.seatwise'))).toBe(false);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
