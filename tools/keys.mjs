// `npm run --silent keys > .env`: a fresh set of the secrets that .env.example names. Needs nothing but Node.js, for it is
// run before anything is installed, and by those who install nothing.
// `npm run --silent keys -- kubernetes | kubectl apply -f -`: the same as the Secrets that k8s/overlays/demo refers to.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const services = ['gateway', 'connection-service', 'sync-service', 'usage-aggregator', 'action-service'];
// Beside the services, whoever looks after the streams.
const natsUsers = [...services, 'operator'];
// Whoever is handed a sealed secret. As libs/persistence wants its keys; tools/keys.spec.ts holds them to it.
const opening = ['connection-service', 'sync-service', 'action-service'];
const pairs = opening.map((kid) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = (key) => ({ ...key.export({ format: 'jwk' }), kid, alg: 'ECDH-ES+A256KW', use: 'enc' });
  return { kid, privateJwk: jwk(privateKey), publicJwk: jwk(publicKey) };
});
// Whoever keeps secrets at rest: credentials, and the secrets of webhooks.
const sealing = ['connection-service', 'action-service'];
/** `sync-service`, `NATS_PASSWORD` → `SYNC_SERVICE_NATS_PASSWORD`. */
const of = (service, name) => `${service.toUpperCase().replaceAll('-', '_')}_${name}`;
// A letter first, for NATS takes what begins like a number for one; and nothing that a URL would want escaped.
const password = () => `p${randomBytes(24).toString('base64url')}`;

const secrets = {
  BOOTSTRAP_TOKEN: randomBytes(32).toString('base64url'),
  ENCRYPTION_KEYS: JSON.stringify({ k1: randomBytes(32).toString('base64') }),
  ENCRYPTION_KEY_ID: 'k1',
  ...Object.fromEntries(pairs.map(({ kid, privateJwk }) => [of(kid, 'PRIVATE_KEY'), JSON.stringify(privateJwk)])),
  SERVICE_PUBLIC_KEYS: JSON.stringify({ keys: pairs.map(({ publicJwk }) => publicJwk) }),
  ...Object.fromEntries(natsUsers.map((user) => [of(user, 'NATS_PASSWORD'), password()])),
  MONGODB_ROOT_PASSWORD: password(),
  MONGODB_KEYFILE: randomBytes(96).toString('base64'),
  ...Object.fromEntries(services.map((service) => [of(service, 'MONGODB_PASSWORD'), password()])),
  GRAFANA_PASSWORD: password(),
  SIMULATOR_TOKEN: `00${randomBytes(30).toString('hex').slice(0, 40)}`,
  SIMULATOR_CONTROL_SECRET: password(),
};

const pick = (...names) => Object.fromEntries(names.map((name) => [name, secrets[name]]));
const allOf = (name, users = services) => pick(...users.map((user) => of(user, name)));

/** The Secrets of Kubernetes: each service's holds just what the service may know. */
function kubernetesSecrets() {
  const own = (service) => ({
    NATS_USER: service,
    NATS_PASSWORD: secrets[of(service, 'NATS_PASSWORD')],
    MONGODB_USER: service,
    MONGODB_PASSWORD: secrets[of(service, 'MONGODB_PASSWORD')],
    ...(opening.includes(service) && { SERVICE_PRIVATE_KEY: secrets[of(service, 'PRIVATE_KEY')] }),
    ...(service === 'gateway' && pick('BOOTSTRAP_TOKEN', 'SERVICE_PUBLIC_KEYS')),
    ...(service === 'connection-service' && pick('SERVICE_PUBLIC_KEYS')),
    ...(sealing.includes(service) && pick('ENCRYPTION_KEYS', 'ENCRYPTION_KEY_ID')),
  });
  const data = {
    ...Object.fromEntries(services.map((service) => [service, own(service)])),
    nats: allOf('NATS_PASSWORD', natsUsers),
    mongodb: { ...pick('MONGODB_ROOT_PASSWORD', 'MONGODB_KEYFILE'), ...allOf('MONGODB_PASSWORD') },
    'okta-simulator': pick('SIMULATOR_TOKEN', 'SIMULATOR_CONTROL_SECRET'),
  };
  const items = Object.entries(data).map(([name, stringData]) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'seatwise' },
    stringData,
  }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2);
}

if (process.argv[2] === 'kubernetes') console.log(kubernetesSecrets());
else for (const [name, value] of Object.entries(secrets)) console.log(`${name}=${value}`);
