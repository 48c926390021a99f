// `npm run --silent keys > .env`: a fresh set of the secrets that .env.example names. Needs nothing but Node.js, for it is
// run before anything is installed, and by those who install nothing.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

// Whoever is handed a sealed secret. As libs/persistence wants its keys; tools/keys.spec.ts holds them to it.
const services = ['connection-service', 'sync-service', 'action-service'];
const pairs = services.map((kid) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = (key) => ({ ...key.export({ format: 'jwk' }), kid, alg: 'ECDH-ES+A256KW', use: 'enc' });
  return { kid, privateJwk: jwk(privateKey), publicJwk: jwk(publicKey) };
});

console.log(`BOOTSTRAP_TOKEN=${randomBytes(32).toString('base64url')}`);
console.log(`ENCRYPTION_KEYS=${JSON.stringify({ k1: randomBytes(32).toString('base64') })}`);
console.log('ENCRYPTION_KEY_ID=k1');
for (const { kid, privateJwk } of pairs)
  console.log(`${kid.toUpperCase().replaceAll('-', '_')}_PRIVATE_KEY=${JSON.stringify(privateJwk)}`);
console.log(`SERVICE_PUBLIC_KEYS=${JSON.stringify({ keys: pairs.map(({ publicJwk }) => publicJwk) })}`);
