// Who may know whom, by the tags in each package.json, held against Nx's own graph of the imports.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** tag → the tags it may depend on. An app knows libs, never another app; contracts and observability know nobody. */
const mayKnow = {
  'scope:contracts': [],
  'scope:observability': [],
  'scope:messaging': ['scope:contracts', 'scope:observability'],
  'scope:okta': ['scope:contracts'],
  'scope:persistence': ['scope:contracts'],
  'type:testing': ['type:lib'],
  'type:app': ['type:lib'],
  'type:simulator': [],
  'type:tool': ['type:lib', 'type:testing'],
};

const file = join(mkdtempSync(join(tmpdir(), 'seatwise-')), 'graph.json');
const nx = spawnSync('nx', ['graph', `--file=${file}`], { encoding: 'utf8' });
if (nx.status !== 0) throw new Error(nx.stdout + nx.stderr);
const { nodes, dependencies } = JSON.parse(readFileSync(file, 'utf8')).graph;
const tagsOf = (name) => nodes[name].data.tags.filter((tag) => !tag.startsWith('npm:'));

const wrong = Object.entries(dependencies).flatMap(([from, list]) =>
  list
    .filter(({ target }) => nodes[target])
    .filter(({ target }) => {
      const rule = tagsOf(from).find((tag) => mayKnow[tag]);
      return !rule || !tagsOf(target).some((tag) => mayKnow[rule].includes(tag));
    })
    .map(
      ({ target }) => `${from} (${tagsOf(from).join(', ')}) may not depend on ${target} (${tagsOf(target).join(', ')})`,
    ),
);
const cycle = findCycle();
if (cycle) wrong.push(`packages import each other in a circle: ${cycle.join(' → ')}`);
for (const line of wrong) console.error(line);
console.log(`${Object.keys(nodes).length} packages, ${wrong.length} boundaries crossed`);
process.exitCode = wrong.length ? 1 : 0;

function findCycle(path = [], name) {
  const next = name ? (dependencies[name] ?? []).map((d) => d.target).filter((t) => nodes[t]) : Object.keys(nodes);
  for (const target of next) {
    if (path.includes(target)) return [...path.slice(path.indexOf(target)), target];
    const found = findCycle([...path, target], target);
    if (found) return found;
  }
  return undefined;
}
