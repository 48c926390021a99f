import { DatabaseConfig, loadConfig } from '@seatwise/observability';
import { Database } from '@seatwise/persistence';
import { AuditRepository } from './audit/audit.repository.js';
import { verify } from './audit/verify.js';

/**
 * `node dist/verify-audit.js [--workspace ws_…]`: walks the chains of the audit log and says of each how many records
 * it has, or the first that is not as it was written; then it ends with code 1. Safe while the gateway runs.
 */
const [option, workspace, ...more] = process.argv.slice(2);
const isUsable = option === undefined || (option === '--workspace' && workspace !== undefined && more.length === 0);
if (!isUsable) {
  console.error('node dist/verify-audit.js [--workspace ws_…]');
  process.exit(2);
}

const database = new Database({ uri: loadConfig(DatabaseConfig).mongodbUrl, database: 'gateway' });
await database.onModuleInit();
const audit = new AuditRepository(database);
let records = 0;
let chains = 0;
let faults = 0;
for await (const chain of audit.workspaces()) {
  if (workspace !== undefined && chain !== workspace) continue;
  const verdict = await verify(audit, chain);
  chains += 1;
  records += verdict.records;
  if (verdict.fault !== undefined) {
    faults += 1;
    console.log(`${chain}: ${verdict.fault}. The ${verdict.records} records before are as they were written.`);
  } else
    console.log(`${chain}: ${verdict.records} records, no change found; the last has the hash ${verdict.end.hash}`);
}
if (workspace !== undefined && chains === 0) {
  faults += 1;
  console.log(`${workspace} has no record.`);
}
if (faults === 0) console.log(`${records} records, no change found`);
await database.onApplicationShutdown();
process.exitCode = faults > 0 ? 1 : 0;
