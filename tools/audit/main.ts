import { commandOf, mongoOf } from '../operator/mongo.js';

const usage = `npm run audit -- verify                       whether the audit log is as it was written
npm run audit -- verify --workspace ws_…

MONGODB_URL names the server; without it, it is the one that npm start runs.`;

const [command, ...options] = process.argv.slice(2);
const isKnown =
  command === 'verify' && (options.length === 0 || (options.length === 2 && options[0] === '--workspace'));
if (!isKnown) {
  console.log(usage);
  process.exit(command === '--help' ? 0 : 2);
}

process.exitCode = commandOf('gateway', 'verify-audit', options, await mongoOf());
