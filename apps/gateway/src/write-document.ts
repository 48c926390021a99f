import { writeFileSync } from 'node:fs';
import { controllers } from './gateway.module.js';
import { describe } from './reference/document.js';
import { operationsOf } from './reference/operations.js';

/** Writes the OpenAPI document to a file, with no server: the dashboard's client is made from it. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Say where to: node dist/write-document.js FILE');
writeFileSync(file, JSON.stringify(describe(operationsOf(controllers)), null, 1));
