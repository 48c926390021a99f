import {
  addToBulk,
  approveBulk,
  BulkDto,
  BulkItemsDto,
  BulkNotFound,
  cancelBulk,
  closeBulk,
  createBulk,
  getBulk,
  listBulk,
  listBulkItems,
  newId,
  pauseBulk,
  Refusal,
  resumeBulk,
  retryBulk,
  startBulk,
  type BulkItemDto,
  type BulkRequest,
  type BulkState,
} from '@seatwise/contracts';
import type { Bus } from '@seatwise/messaging';
import { exampleOf } from '../src/reference/examples.js';

/** The bulk jobs of action-service, as small as they can be: each is kept, and none is done. */
export class Jobs {
  readonly kept: { dto: BulkDto; key: string; digest: string; people: string[] }[] = [];
  changes = 0;
  /** What the test wants to be said of each person. */
  items: (item: BulkItemDto) => BulkItemDto = (item) => item;

  constructor(
    private readonly bus: Bus,
    private readonly mustKnow: (workspace: string, connection: string) => void,
  ) {}

  /** A job of this workspace that is done. */
  add(workspace: string, connection: string, own: Partial<BulkDto> = {}): BulkDto {
    const dto = Object.assign(structuredClone(exampleOf(BulkDto)) as BulkDto, { workspace, connection });
    Object.assign(dto, { id: newId('blk'), state: 'done', endedAt: dto.startedAt }, own);
    this.kept.push({ dto, key: '', digest: '', people: [] });
    return dto;
  }

  async answer(): Promise<void> {
    await this.bus.handle(createBulk, async ({ idempotencyKey: key, digest, workspace, connection, ...asked }) => {
      this.mustKnow(workspace, connection);
      const known = this.kept.find((one) => one.key === key && one.dto.workspace === workspace);
      if (known && known.digest !== digest) throw new Refusal('idempotency_key_reused', 'Another request had it.');
      if (known) return known.dto;
      this.changes++;
      const { action, parameters, reason, by, chosenBy } = asked;
      const dto = this.add(workspace, connection, {
        action,
        parameters,
        reason,
        by,
        ...(chosenBy && { chosenBy }),
        state: 'gathering',
        endedAt: null,
      });
      Object.assign(this.kept.at(-1)!, { key, digest });
      return dto;
    });
    await this.bus.handle(addToBulk, async ({ from, people, ...at }) => {
      this.of(at).people.splice(from, people.length, ...people);
      return { done: true as const };
    });
    await this.bus.handle(closeBulk, async ({ total, ...at }) => {
      const { dto, people } = this.of(at);
      if (people.length !== total) throw new Refusal('bulk_state', `Of ${total} people ${people.length} have come in.`);
      dto.counts.total = total;
      return Object.assign(dto, { state: 'preview' });
    });
    await this.bus.handle(getBulk, async (at) => this.of(at).dto);
    await this.bus.handle(listBulk, async ({ workspace, limit, cursor, connection, state }) => {
      if (cursor !== undefined && !cursor.startsWith('blk_')) throw new Refusal('invalid_cursor', 'Not one of ours.');
      const jobs = this.kept
        .map(({ dto }) => dto)
        .filter((dto) => dto.workspace === workspace && (connection ?? dto.connection) === dto.connection)
        .filter((dto) => (state ?? dto.state) === dto.state);
      return { jobs: jobs.slice(0, limit), nextCursor: null };
    });
    await this.bus.handle(listBulkItems, async ({ cursor, ...at }) => {
      if (cursor !== undefined && !/^\d{1,6}$/.test(cursor)) throw new Refusal('invalid_cursor', 'Not one of ours.');
      const { people } = this.of(at);
      const [like] = (exampleOf(BulkItemsDto) as BulkItemsDto).items;
      const items = people.map((person, n) => this.items(Object.assign(structuredClone(like!), { person, n })));
      return { items: items.slice(Number(cursor ?? 0), Number(cursor ?? 0) + at.limit), nextCursor: null };
    });
    const commands = [
      [startBulk, 'running'],
      [approveBulk, 'running'],
      [pauseBulk, 'paused'],
      [resumeBulk, 'running'],
      [cancelBulk, 'cancelled'],
      [retryBulk, 'running'],
    ] as const;
    for (const [command, state] of commands) await this.bus.handle(command, async (at) => this.turn(at, state));
  }

  private turn(at: BulkRequest, state: BulkState): BulkDto {
    const { dto } = this.of(at);
    return Object.assign(dto, { state, endedAt: dto.startedAt });
  }

  private of({ workspace, bulk }: BulkRequest): Jobs['kept'][number] {
    const found = this.kept.find(({ dto }) => dto.id === bulk && dto.workspace === workspace);
    if (!found) throw new BulkNotFound(bulk);
    return found;
  }
}
