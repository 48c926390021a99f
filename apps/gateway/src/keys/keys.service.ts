import { Injectable } from '@nestjs/common';
import { InvalidRequest, Refusal, type ActingPersonDto } from '@seatwise/contracts';
import type { Caller } from '../door/caller.js';
import type { Role } from '../door/roles.js';
import { hashOf, isSecret, newApiKey, parseApiKey } from './api-key.js';
import type { IssuedKeyDto, KeyDto, KeyListDto, NewKey } from './keys.dto.js';
import { KeysRepository, type StoredKey } from './keys.repository.js';

/** Compared with when there is no such key, so that the time of the answer does not tell which ids exist. */
const nobody = hashOf('');
const coarselyMs = 5 * 60_000;

@Injectable()
export class KeysService {
  constructor(private readonly keys: KeysRepository) {}

  /** Who holds this key; undefined for a key that is unknown, wrong, revoked or expired. */
  async callerWith(text: string): Promise<Caller | undefined> {
    const parsed = parseApiKey(text);
    if (!parsed) return undefined;
    const stored = await this.keys.find(parsed.id);
    const now = new Date();
    if (!isSecret(parsed.secret, stored?.hash ?? nobody) || !stored || stored.revokedAt) return undefined;
    if (stored.expiresAt && stored.expiresAt <= now) return undefined;
    if (!stored.lastUsedAt || now.getTime() - stored.lastUsedAt.getTime() > coarselyMs)
      await this.keys.markUsed(stored.id, now);
    const { id: key, workspace, role, person = null } = stored;
    return { key, person, session: null, workspace, role, isGood: () => this.isGood(key) };
  }

  private async isGood(id: string): Promise<boolean> {
    const stored = await this.keys.find(id);
    return stored !== undefined && !stored.revokedAt && !(stored.expiresAt && stored.expiresAt <= new Date());
  }

  async issue(
    workspace: string,
    { name, role, expiresAt }: NewKey,
    person: ActingPersonDto | null,
  ): Promise<IssuedKeyDto> {
    const expiry = expiresAt === undefined ? null : new Date(expiresAt);
    if (expiry && !(expiry > new Date()))
      throw new InvalidRequest([{ path: '$.expiresAt', detail: 'must be a moment in the future' }]);
    const { stored, text } = freshKey(workspace, name, role, expiry, person);
    await this.keys.insert(stored);
    return Object.assign(dtoOf(stored), { key: text });
  }

  async list(workspace: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<KeyListDto> {
    const found = await this.keys.page(workspace, limit + 1, cursorOf(cursor));
    const page = found.slice(0, limit);
    return { keys: page.map(dtoOf), nextCursor: found.length > limit ? page.at(-1)!.id : null };
  }

  /** Takes effect with the next request. Revoking twice is as good as once. */
  async revoke(workspace: string, id: string): Promise<void> {
    if (!(await this.keys.revoke(workspace, id, new Date())))
      throw new Refusal('key_not_found', `This workspace has no API key ${id}.`);
  }
}

export function freshKey(
  workspace: string,
  name: string,
  role: Role,
  expiresAt: Date | null,
  person: ActingPersonDto | null = null,
) {
  const { id, text, hash } = newApiKey();
  const stored: StoredKey = {
    id,
    workspace,
    name,
    role,
    hash,
    person,
    createdAt: new Date(),
    expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  };
  return { stored, text };
}

function cursorOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined || /^key_[0-9a-z]{25}$/.test(cursor)) return cursor;
  throw new Refusal('invalid_cursor', 'Take nextCursor from the page before, unchanged.');
}

const dtoOf = ({ id, name, role, createdAt, expiresAt, lastUsedAt, revokedAt }: StoredKey): KeyDto => ({
  id,
  name,
  role,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
});
