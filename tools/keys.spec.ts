import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyRing, newServiceKey, PrivateKey, PublicKeys } from '@seatwise/persistence';

const at = (file: string) => join(import.meta.dirname, '..', file);

/** As Docker Compose reads it: nothing is quoted, and the first equals sign is the one. */
function printed() {
  const lines = execFileSync(process.execPath, [at('tools/keys.mjs')], { encoding: 'utf8', env: {} })
    .trim()
    .split('\n');
  const values = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const value = (name: string) => {
    const found = values.get(name);
    if (found === undefined) throw new Error(`${name} is not printed`);
    return found;
  };
  return { names: [...values.keys()], value };
}

describe('npm run keys', () => {
  it('prints all that docker-compose.yml must be given, as .env.example names it, and never the same twice', () => {
    const { names, value } = printed();
    const asked = [...readFileSync(at('docker-compose.yml'), 'utf8').matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
    const named = [...readFileSync(at('.env.example'), 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(asked));
    expect(named).toEqual(expect.arrayContaining(names));
    expect(printed().value('BOOTSTRAP_TOKEN')).not.toBe(value('BOOTSTRAP_TOKEN'));
  });

  it.each(['connection-service', 'sync-service', 'action-service'])('makes the keys that %s takes', async (name) => {
    const { value } = printed();
    const jwk = JSON.parse(value(`${name.toUpperCase().replace('-', '_')}_PRIVATE_KEY`)) as object;
    const publicKeys = new PublicKeys(JSON.parse(value('SERVICE_PUBLIC_KEYS')) as { keys: [] });
    const sealed = await publicKeys.sealFor(name, 'a token', 'for this');
    expect(await new PrivateKey(jwk).open(sealed, 'for this')).toBe('a token');
    expect(Object.keys(jwk).toSorted()).toEqual(Object.keys((await newServiceKey(name)).privateJwk).toSorted());
  });

  it('makes the key that seals at rest', async () => {
    const { value } = printed();
    const keys = JSON.parse(value('ENCRYPTION_KEYS')) as Record<string, string>;
    const ring = new KeyRing({ keys, current: value('ENCRYPTION_KEY_ID') });
    expect(await ring.open(await ring.seal('a token', 'here'), 'here')).toBe('a token');
  });
});
