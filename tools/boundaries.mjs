// Who may know whom, by the tags in each package.json, held against what the sources really import.
import { readFileSync, globSync } from 'node:fs';
import { dirname } from 'node:path';

/** tag → the tags it may depend on. An app knows libs, never another app; contracts and observability know nobody. */
const mayKnow = {
  'scope:contracts': [],
  'scope:observability': [],
  'scope:messaging': ['scope:contracts', 'scope:observability'],
  'scope:okta': ['scope:contracts'],
  'scope:persistence': ['scope:contracts'],
  'type:testing': ['type:lib'],
  'type:app': ['type:lib'],
  // The page knows the API by the client that is made from its document, and nothing of who answers it.
  'type:page': [],
  'type:simulator': [],
  'type:tool': ['type:lib', 'type:testing'],
};
/** What a package's tests may know beside that. */
const testsMayKnow = ['type:testing', 'type:lib'];

const packages = new Map(
  globSync(['libs/*/package.json', 'apps/*/package.json', 'tools/package.json']).map((file) => {
    const { name, nx, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
    return [name, { name, folder: dirname(file), tags: nx.tags, declared: new Set(Object.keys(dependencies)) }];
  }),
);

const wrong = [];
/** @type {Map<string, Set<string>>} package → the packages that it imports outside its tests */
const imports = new Map();
let files = 0;
for (const { name, folder, tags, declared } of packages.values()) {
  const rule = tags.find((tag) => mayKnow[tag]);
  if (!rule) wrong.push(`${name} has no tag that says whom it may know`);
  const known = new Set();
  imports.set(name, known);
  for (const file of globSync(`${folder}/**/*.{ts,tsx}`, { exclude: (path) => /node_modules|dist/.test(path) })) {
    files += 1;
    const isTest = /\.spec\.ts$|\/test\//.test(file);
    const allowed = [...(mayKnow[rule] ?? []), ...(isTest ? testsMayKnow : [])];
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(@seatwise\/[\w-]+)'/g)) {
      const found = packages.get(target);
      if (!found) wrong.push(`${file} imports ${target}, which is no package here`);
      else if (found.name !== name && !found.tags.some((tag) => allowed.includes(tag)))
        wrong.push(`${file} (${tags.join(', ')}) may not know ${target} (${found.tags.join(', ')})`);
      if (isTest || found?.name === name) continue;
      known.add(target);
      if (!declared.has(target)) wrong.push(`${file} imports ${target}, which ${folder}/package.json does not name`);
    }
  }
}
const cycle = findCycle();
if (cycle) wrong.push(`packages import each other in a circle: ${cycle.join(' → ')}`);
for (const line of wrong) console.error(line);
console.log(`${packages.size} packages, ${files} files, ${wrong.length} boundaries crossed`);
process.exitCode = wrong.length ? 1 : 0;

function findCycle(path = [], name) {
  for (const target of name ? (imports.get(name) ?? []) : packages.keys()) {
    if (path.includes(target)) return [...path.slice(path.indexOf(target)), target];
    const found = findCycle([...path, target], target);
    if (found) return found;
  }
  return undefined;
}
