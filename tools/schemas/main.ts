import { join } from 'node:path';
import { eventSchemas } from '@seatwise/contracts';
import { giveUp } from '../operator/give-up.js';
import { root } from '../start/home.js';
import { brokenBy, publishedFolder, readSchemas, schemasFolder, writeSchemas } from './kept.js';

const usage = `npm run schemas                writes the JSON Schemas of all public events, from their classes, to ${schemasFolder}
npm run schemas -- --publish   makes them those that others build on as well: ${publishedFolder}

Neither is done where somebody who reads by the published ones would be broken: docs/events.md, "Versions".`;

const args = process.argv.slice(2);
const isPublished = args.includes('--publish');
if (args.some((arg) => arg !== '--publish')) {
  console.log(usage);
  process.exit(args.includes('--help') ? 0 : 2);
}
const schemas = eventSchemas();
const broken = brokenBy(readSchemas(join(root, publishedFolder)), schemas);
if (broken.length > 0)
  giveUp(
    `These changes would break readers of the published schemas:\n  ${broken.join('\n  ')}\n` +
      'Leave the event as it is and publish a new version of it beside: docs/events.md, "Versions".',
  );
for (const folder of isPublished ? [schemasFolder, publishedFolder] : [schemasFolder]) {
  writeSchemas(join(root, folder), schemas);
  console.log(`${folder}: ${Object.keys(schemas).length} schemas`);
}
