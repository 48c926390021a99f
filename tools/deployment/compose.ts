import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@seatwise/testing';
import { parse } from 'yaml';
import { withSettings } from './with-settings.js';

/** docker-compose.yml with settings and fresh keys as `npm run keys` makes them. */
export function composeWithKeys(): string {
  const keys = execFileSync(process.execPath, [join(root, 'tools/keys.mjs')], { encoding: 'utf8' });
  return withSettings(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), keys);
}

/** What it gives each of its parts as environment; the keys are the same for all of them. */
export function composeEnvironments(): (name: string) => Record<string, string> {
  const { services } = parse(composeWithKeys(), { merge: true }) as {
    services: Record<string, { environment: Record<string, string> }>;
  };
  return (name) => services[name]!.environment;
}
