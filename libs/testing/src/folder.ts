import { mkdirSync, mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removedAfterUs } from './lifetime.js';
import { cacheFolder } from './settings.js';

/** A folder for one test's data, gone when this process is. */
export function testFolder(): string {
  const parent = join(dirname(cacheFolder), 'tmp');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'test-'));
  removedAfterUs(folder);
  return folder;
}
