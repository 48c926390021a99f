import type { Branch } from './tree.js';

const width = 1280;
const [labels, right, top, row] = [660, 60, 78, 20];
const colours: Record<string, string> = {
  gateway: '#3b6fd4',
  'connection-service': '#8a4fbf',
  'sync-service': '#0b7f6b',
  'usage-aggregator': '#b3541e',
  'action-service': '#a8324a',
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

interface Row {
  branch: Branch;
  depth: number;
  /** Commands to MongoDB right under it. */
  commands: number;
}

function* rowsOf(branches: Branch[], depth = 0): Generator<Row> {
  for (const branch of branches) {
    if (branch.isDatabase) continue;
    const commands = branch.below.filter(({ isDatabase }) => isDatabase).reduce((sum, { count }) => sum + count, 0);
    yield { branch, depth, commands };
    yield* rowsOf(branch.below, depth + 1);
  }
}

/** A trace as a picture in SVG: a line for each kind of step, from its first beginning to its last end. */
export function pictureOf(branches: Branch[], title: string): string {
  const rows = [...rowsOf(branches)];
  const end = Math.max(...rows.map(({ branch }) => branch.to));
  const scale = (width - labels - right) / end;
  const height = top + rows.length * row + 16;
  const at = (micros: number) => (labels + micros * scale).toFixed(1);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="24" font-size="15" font-weight="600" fill="#1b2330">${escaped(title)}</text>`,
  ];
  let x = 12;
  for (const service of new Set(rows.map(({ branch }) => branch.service))) {
    parts.push(`<rect x="${x}" y="38" width="12" height="12" rx="2" fill="${colours[service] ?? '#666666'}"/>`);
    parts.push(`<text x="${x + 18}" y="48" fill="#1b2330">${escaped(service)}</text>`);
    x += 34 + service.length * 7;
  }
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(
      `<line x1="${at(end * part)}" x2="${at(end * part)}" y1="${top - 8}" y2="${height - 12}" stroke="#e3e7ee"/>`,
    );
    parts.push(
      `<text x="${at(end * part)}" y="${top - 12}" fill="#566074" text-anchor="middle">${((end * part) / 1e6).toFixed(1)} s</text>`,
    );
  }
  for (const [n, { branch, depth, commands }] of rows.entries()) {
    const y = top + n * row;
    const times = branch.count > 1 ? ` ×${branch.count}` : '';
    const stored = commands > 0 ? ` · ${commands} to MongoDB` : '';
    const text = `${branch.name}${times}${stored}`;
    const indent = 12 + depth * 12;
    const room = Math.floor((labels - indent - 18) / 6.1);
    const fitting = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    const colour = colours[branch.service] ?? '#666666';
    parts.push(`<rect x="${indent}" y="${y + 3}" width="4" height="13" fill="${colour}"/>`);
    parts.push(`<text x="${indent + 9}" y="${y + 14}" fill="#1b2330">${escaped(fitting)}</text>`);
    const long = Math.max(2, (branch.to - branch.from) * scale).toFixed(1);
    parts.push(`<rect x="${at(branch.from)}" y="${y + 3}" width="${long}" height="13" rx="2" fill="${colour}"/>`);
  }
  return [...parts, '</svg>', ''].join('\n');
}
