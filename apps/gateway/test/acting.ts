import {
  actionCatalogue,
  ActionDto,
  actionDone,
  actionFailed,
  actionRefused,
  actionSecret,
  actionUnknown,
  eventEntry,
  getAction,
  InvalidRequest,
  listActions,
  newId,
  PersonNotFound,
  Refusal,
  requestAction,
  settleAction,
  undoAction,
  type ActionRequest,
  type RequestAction,
} from '@seatwise/contracts';
import { Bus, Streams } from '@seatwise/messaging';
import { PublicKeys, type PrivateKey } from '@seatwise/persistence';
import { exampleOf } from '../src/reference/examples.js';

/** How an action comes to its end; undefined: it does not. */
export interface End {
  own: Partial<ActionDto>;
  /** What Okta's answer holds. */
  answer?: Record<string, string>;
  /** Nobody is told. */
  silently?: boolean;
}

interface Kept {
  dto: ActionDto;
  key: string;
  mark: string;
}

const announced = { done: actionDone, refused: actionRefused, failed: actionFailed, unknown: actionUnknown };

/** action-service, as small as it can be: each action comes to the end that the test wants for it, at once. */
export class Acting {
  readonly kept: Kept[] = [];
  /** The secret parameters that arrived and could be opened, and the actions that they came with. */
  readonly secrets: object[] = [];
  changes = 0;
  endOf: (asked: RequestAction) => End | undefined = () => ({ own: { state: 'done' } });

  constructor(
    private readonly bus: Bus,
    private readonly streams: Streams,
    private readonly privateKey: PrivateKey,
    private readonly mustKnow: (workspace: string, connection: string) => void,
    private readonly knownPerson: string,
  ) {}

  /** An action of this workspace that has ended. */
  add(workspace: string, connection: string, own: Partial<ActionDto> = {}): ActionDto {
    const dto = Object.assign(structuredClone(exampleOf(ActionDto)) as ActionDto, { workspace, connection }, own);
    dto.id = newId('act');
    this.kept.push({ dto, key: '', mark: '' });
    return dto;
  }

  async answer(): Promise<void> {
    await this.bus.handle(requestAction, (asked) => this.request(asked));
    await this.bus.handle(undoAction, async ({ action, ...asked }) => {
      const { person } = this.of({ workspace: asked.workspace, action });
      return this.request({ ...asked, action: 'unsuspend_user', person: person!, parameters: {} }, action);
    });
    await this.bus.handle(getAction, async (at) => this.of(at));
    await this.bus.handle(settleAction, async (at) => this.of(at));
    await this.bus.handle(listActions, async ({ workspace, limit, cursor, ...filters }) => {
      if (cursor !== undefined && !cursor.startsWith('act_')) throw new Refusal('invalid_cursor', 'Not one of ours.');
      const wanted = Object.entries(filters).filter(([, value]) => value !== undefined);
      const fits = (dto: object) => wanted.every(([name, value]) => dto[name as keyof object] === value);
      const mine = this.kept.map(({ dto }) => dto).filter((dto) => dto.workspace === workspace && fits(dto));
      return { actions: mine.slice(-limit).toReversed(), nextCursor: null };
    });
  }

  async end(action: ActionDto, { own, answer, silently = false }: End, asked?: RequestAction): Promise<void> {
    const { workspace, id } = action;
    Object.assign(action, { endedAt: new Date().toISOString(), version: action.version + 1 }, own);
    if (answer) {
      action.secret = 'given';
      const caller = new PublicKeys({ keys: [{ ...asked?.answerKey, kid: 'caller' }] });
      const sealed = await caller.sealFor('caller', JSON.stringify(answer), `answer|${workspace}|${id}`);
      await this.streams.handOver(actionSecret, workspace, { workspace, action: id, sealed });
    }
    if (silently) return;
    const type = announced[action.state as keyof typeof announced];
    await this.streams.publishEntry({
      ...eventEntry(type, workspace, structuredClone(action)),
      id: newId('evt'),
    });
  }

  private of({ workspace, action }: ActionRequest): ActionDto {
    const found = this.kept.find(({ dto }) => dto.id === action && dto.workspace === workspace);
    if (!found) throw new Refusal('action_not_found', `There is no action ${action}.`);
    return found.dto;
  }

  private async request(asked: RequestAction, undoes: string | null = null): Promise<ActionDto> {
    const { workspace, connection, action, person, parameters, reason, by, idempotencyKey, dryRun = false } = asked;
    this.mustKnow(workspace, connection);
    if ((person === undefined) !== (action === 'create_user'))
      throw new InvalidRequest([{ path: '$.person', detail: 'is there for all but create_user' }]);
    if (person !== undefined && person !== this.knownPerson) throw new PersonNotFound(person);
    const secrets = await this.opened(asked);
    const mark = JSON.stringify([connection, action, person, parameters, secrets, reason, dryRun, undoes]);
    const known = this.kept.find(({ dto, key }) => dto.workspace === workspace && key === idempotencyKey);
    if (known) return repeated(known, mark);
    this.changes++;
    const dto = this.add(workspace, connection, {
      action, parameters, reason, by, dryRun, undoes, person: person ?? null,
      state: 'accepted', endedAt: null, effect: null, verified: false, version: 1,
    }); // prettier-ignore
    Object.assign(this.kept.at(-1)!, { key: idempotencyKey, mark });
    if (Object.keys(secrets).length > 0) this.secrets.push({ action, ...secrets });
    const end = this.endOf(asked);
    const accepted = structuredClone(dto);
    if (end) setTimeout(() => void this.end(dto, end, asked), 5);
    return accepted;
  }

  private async opened({ sealedSecrets, workspace, connection, idempotencyKey, action }: RequestAction) {
    if (sealedSecrets === undefined) return {};
    const context = `action|${workspace}|${connection}|${idempotencyKey}`;
    const secrets = JSON.parse(await this.privateKey.open(sealedSecrets, context)) as Record<string, string>;
    for (const name of Object.keys(secrets))
      if (!actionCatalogue[action].secrets.includes(name)) throw new Error(`${name} is no secret of ${action}`);
    return secrets;
  }
}

function repeated({ dto, mark: first }: Kept, mark: string): ActionDto {
  const extra = { context: { action: dto.id } };
  if (mark !== first) throw new Refusal('idempotency_key_reused', 'It was used for another request.', extra);
  if (dto.endedAt === null) throw new Refusal('action_in_flight', 'It has not ended yet.', extra);
  return dto;
}
