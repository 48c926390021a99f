import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@seatwise/testing';
import { parse } from 'yaml';

/** What an expression in PromQL asks for. */
export interface Asked {
  expr: string;
  metrics: string[];
  /** Of any of its metrics. */
  labels: string[];
}

/** What the dashboards and the alerts ask Prometheus for. */
export function askedOfPrometheus(): Asked[] {
  const { groups } = parse(readFileSync(join(root, 'observability/alerts.yaml'), 'utf8')) as {
    groups: { rules: { expr: string }[] }[];
  };
  const boards = globSync('observability/grafana/dashboards/*.json', { cwd: root }).map(
    (file) => JSON.parse(readFileSync(join(root, file), 'utf8')) as { panels: { targets?: { expr: string }[] }[] },
  );
  return [
    ...groups.flatMap(({ rules }) => rules),
    ...boards.flatMap(({ panels }) => panels).flatMap(({ targets = [] }) => targets),
  ].map(({ expr }) => askedBy(expr));
}

const words = /^(?:by|without|on|ignoring|group_left|group_right|and|or|unless|offset|bool)$/;
const listed = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const matched = /(\w+)\s*(?:=~|!~|!=|=)/g;

/** Of the little of PromQL that stands in our files. */
export function askedBy(expr: string): Asked {
  const bare = expr.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[[^\]]*\]/g, '');
  const labels = [
    ...[...bare.matchAll(listed)].flatMap(([, list = '']) => list.split(',').map((label) => label.trim())),
    ...[...bare.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) => [...inner.matchAll(matched)].map(([, l]) => l!)),
  ];
  const rest = bare.replaceAll(listed, ' ').replaceAll(/\{[^}]*\}/g, ' ');
  const names = [...rest.matchAll(/\b[a-z_][a-z0-9_]*\b(?!\s*\()/gi)].map(([name]) => name);
  return {
    expr,
    metrics: [...new Set(names.filter((name) => !words.test(name)))],
    labels: [...new Set(labels)].filter(Boolean),
  };
}

/** One line of `/metrics`. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
  /** Of the exemplar. */
  traceId: string | undefined;
}

/** What `/metrics` shows, in OpenMetrics. */
export async function scraped(url: string): Promise<Sample[]> {
  const accept = 'application/openmetrics-text; version=1.0.0';
  const text = await (await fetch(`${url}/metrics`, { headers: { accept } })).text();
  const line = /^([a-z_][a-z0-9_]*)(?:\{(.*?)\})? (\S+)(?: # \{trace_id="(\w+)".*)?$/gim;
  return [...text.matchAll(line)].map(([, name = '', labels = '', value, traceId]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, of]) => [label!, of!])),
    value: Number(value),
    traceId,
  }));
}
