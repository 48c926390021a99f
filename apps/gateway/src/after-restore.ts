import { DatabaseConfig, loadConfig } from '@seatwise/observability';
import { Database } from '@seatwise/persistence';
import { AuditRepository } from './audit/audit.repository.js';
import { newFacts, operatorsChain, type AuditFacts } from './audit/record.js';
import { SessionsRepository } from './sign-in/sessions.repository.js';
import { WorkspacesRepository } from './workspaces/workspaces.repository.js';

/**
 * `node dist/after-restore.js --backup-of MOMENT`: once, when the database has come back from a backup and before the gateway is
 * started. Sessions end, for some of them may have been ended since; and each audit log says that what was done between
 * that moment and now is not in it.
 */
const [option, named, ...more] = process.argv.slice(2);
const backupOf = new Date(named ?? '');
if (option !== '--backup-of' || more.length > 0 || Number.isNaN(backupOf.getTime())) {
  console.error('node dist/after-restore.js --backup-of 2026-11-26T09:00:00Z');
  process.exit(2);
}

const database = new Database({ uri: loadConfig(DatabaseConfig).mongodbUrl, database: 'gateway' });
await database.onModuleInit();
const sessions = await new SessionsRepository(database).endAll();
const audit = new AuditRepository(database);
const workspaces = await new WorkspacesRepository(database).ids();
for (const workspace of [...workspaces, operatorsChain]) await audit.append(workspace, [restored(workspace)]);
console.log(`gateway: ${sessions} sessions ended, and ${workspaces.length} audit logs say that they came back`);
await database.onApplicationShutdown();

function restored(workspace: string): AuditFacts {
  return {
    ...newFacts(),
    workspace,
    who: { key: null, person: null, role: 'bootstrap' },
    what: 'backup.restored',
    outcome: 'done',
    on: { kind: 'backup', id: null, name: null },
    asked: { backupOf: backupOf.toISOString() },
  };
}
