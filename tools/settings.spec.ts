import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** The first column of the tables of settings in docs/operations.md. */
const told = new Set(
  [...read('docs/operations.md').matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name),
  ),
);

const sources = globSync(['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts', 'tools/**/*.{ts,mjs}'], {
  cwd: root,
  exclude: (path) => /node_modules|dist|\.spec\.ts$/.test(path),
});

/** A property `mongodbUrl` of a class of settings is the variable MONGODB_URL. */
const ofClasses = sources
  .filter((file) => file.endsWith('/config.ts'))
  .flatMap((file) => [...read(file).matchAll(/^ {2}(\w+)[!?]?: /gm)].map(([, property = '']) => property))
  .map((property) => property.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());

const readElsewhere = sources.flatMap((file) =>
  [...read(file).matchAll(/\bprocess\.env\.([A-Z][A-Z0-9_]+)|'((?:[A-Z]+_)+(?:URL|BINARY))'/g)].map(
    ([, variable, named]) => variable ?? named,
  ),
);

/** Nobody's to set: the shell's, a proxy's, a code of Node.js's errors, OpenTelemetry's, named by OTEL_*, the bench's to itself. */
const isNotOurs = (name = '') => /^(PATH|NODE_OPTIONS|HTTPS_PROXY|OTEL_.*|FAST_CLOCK|ERR_INVALID_URL)$/.test(name);

describe('docs/operations.md', () => {
  it('tells of every setting of every class of settings', () => {
    expect(ofClasses).toContain('MONGODB_URL');
    expect(ofClasses).toContain('THROTTLE_PER_MINUTE');
    expect(ofClasses.filter((name) => !told.has(name))).toEqual([]);
  });

  it('tells of every variable that is read without a class', () => {
    expect(readElsewhere).toContain('MONGOD_BINARY');
    expect(readElsewhere.filter((name) => !told.has(name) && !isNotOurs(name))).toEqual([]);
  });

  it('tells of none that nobody reads', () => {
    const known = new Set([...ofClasses, ...readElsewhere]);
    expect([...told].filter((name) => !known.has(name) && !isNotOurs(name))).toEqual([]);
  });
});
