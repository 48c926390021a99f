import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonSchema } from '@seatwise/contracts';
import { breakingChanges } from './breaking.js';

export type NamedSchemas = Record<string, JsonSchema>;

/** The schemas of this checkout, and those that others may have built on: what was published last. */
export const schemasFolder = 'libs/contracts/schemas';
export const publishedFolder = `${schemasFolder}/published`;

export const readSchemas = (folder: string): NamedSchemas =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [
        file.slice(0, -'.json'.length),
        JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonSchema,
      ]),
  );

/** Makes the folder hold these and no others. */
export function writeSchemas(folder: string, schemas: NamedSchemas): void {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) rmSync(join(folder, file));
  for (const [name, schema] of Object.entries(schemas))
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}

/** What of these schemas breaks somebody who reads by those that were published. */
export const brokenBy = (published: NamedSchemas, now: NamedSchemas): string[] =>
  Object.entries(published).flatMap(([name, schema]) => {
    const own = now[name];
    if (!own) return [`${name}: is not published any more`];
    return breakingChanges(schema, own).map((change) => `${name}: ${change}`);
  });
