// Prints a fresh set of the secrets that .env.example names. Needs a built workspace: npm run build.
import { randomBytes } from 'node:crypto';
import { newServiceKey } from '../libs/persistence/dist/index.js';

const names = ['connection-service', 'sync-service', 'action-service'];
const pairs = await Promise.all(names.map((name) => newServiceKey(name)));
console.log(`BOOTSTRAP_TOKEN=${randomBytes(32).toString('base64url')}`);
console.log(`ENCRYPTION_KEYS=${JSON.stringify({ k1: randomBytes(32).toString('base64') })}`);
console.log('ENCRYPTION_KEY_ID=k1');
for (const [index, name] of names.entries())
  console.log(`${name.toUpperCase().replaceAll('-', '_')}_PRIVATE_KEY=${JSON.stringify(pairs[index].privateJwk)}`);
console.log(`SERVICE_PUBLIC_KEYS=${JSON.stringify({ keys: pairs.map((pair) => pair.publicJwk) })}`);
