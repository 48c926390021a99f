import { Controller, Delete, Get, Post } from '@nestjs/common';
import { By, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromPath, FromQuery } from '../door/reading.js';
import { IssuedKeyDto, KeyListDto, KeyPath, KeysQuery, NewKey } from './keys.dto.js';
import { KeysService } from './keys.service.js';

@Controller('api/v1/keys')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @Post()
  @Operation({
    allows: 'admin',
    summary: 'Issue an API key',
    audited: 'key.issued',
    description: 'The text of the key is in this answer and nowhere else: keep it, or issue another.',
    answer: { status: 201, description: 'The key, with its text.', Type: IssuedKeyDto },
  })
  issueKey(@By() caller: Caller, @FromBody(NewKey) key: NewKey): Promise<IssuedKeyDto> {
    return this.keys.issue(caller.workspace, key, caller.person);
  }

  @Get()
  @Operation({
    allows: 'admin',
    summary: 'List API keys',
    description: 'In the order of their making, the revoked ones included.',
    answer: { status: 200, description: 'One page of keys, without their secrets.', Type: KeyListDto },
    refuses: ['invalid_cursor'],
  })
  listKeys(@By() caller: Caller, @FromQuery(KeysQuery) query: KeysQuery): Promise<KeyListDto> {
    return this.keys.list(caller.workspace, query);
  }

  @Delete(':key')
  @Operation({
    allows: 'admin',
    summary: 'Revoke an API key',
    audited: 'key.revoked',
    description: 'It stops working with the next request, and stays in the list with the moment of its revocation.',
    answer: { status: 204, description: 'Revoked.' },
    refuses: ['key_not_found'],
  })
  revokeKey(@By() caller: Caller, @FromPath(KeyPath) { key }: KeyPath): Promise<void> {
    return this.keys.revoke(caller.workspace, key);
  }
}
