import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  actionCatalogue,
  check,
  ConnectionRemoved,
  getConnection,
  InvalidRequest,
  NoParameters,
  PermissionLevelRequired,
  Refusal,
  scopeOf,
  type ActionDto,
  type ActionListDto,
  type ActionName,
  type ActionRequest,
  type ConnectionDto,
  type ListActions,
  type UndoAction,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { PrivateKey, SealError } from '@seatwise/persistence';
import { ActionConfig } from '../config.js';
import { dtoOf, newAction, type Action, type Wish } from './action.js';
import { ActionsRepository } from './actions.repository.js';
import { mismatchIn } from './mismatch.js';
import { undoOf } from './undo.js';

/** Takes actions in: each once for its idempotency key, and none that the connection does not allow. */
@Injectable()
export class ActionsService {
  /** Nobody who reads the database can try out passwords on a mark. */
  private readonly markKey: string;

  constructor(
    private readonly actions: ActionsRepository,
    private readonly bus: Bus,
    private readonly privateKey: PrivateKey,
    config: ActionConfig,
  ) {
    this.markKey = `action marks|${config.servicePrivateKey.d ?? ''}`;
  }

  async request(wish: Wish): Promise<ActionDto> {
    const { workspace, connection, idempotencyKey } = wish;
    const secrets = await this.secretsOf(wish);
    const parameters = parametersOf(wish, secrets);
    const mark = this.markOf(wish, parameters, secrets);
    const known = await this.actions.byKey(workspace, idempotencyKey);
    if (known) return repeated(known, mark);
    mayAct(await this.bus.request(getConnection, { workspace, connection }), wish.action);
    const action = newAction(wish, parameters, mark);
    if (await this.actions.insert(action)) return dtoOf(action);
    const other = await this.actions.byKey(workspace, idempotencyKey);
    // It was made a moment ago, and a majority does not have it yet.
    if (!other)
      throw new Refusal('service_unavailable', 'Another request with this key has just come. Try again shortly.');
    return repeated(other, mark);
  }

  /** Takes another action back, by an action of its own. */
  async undo({ action: id, ...asked }: UndoAction): Promise<ActionDto> {
    const { workspace, connection } = asked;
    const known = await this.actions.byKey(workspace, asked.idempotencyKey);
    if (known?.undoes === id && known.connection === connection) {
      const { action, person, parameters, left } = known;
      const same = { ...asked, action, parameters, left, undoes: id, ...(person !== null && { person }) };
      return repeated(known, this.markOf(same, parameters, {}));
    }
    const original = await this.find({ workspace, action: id });
    if (original.connection !== connection) throw notFound(id);
    return this.request({ ...asked, ...undoOf(original), undoes: id });
  }

  async get(at: ActionRequest): Promise<ActionDto> {
    return dtoOf(await this.find(at));
  }

  async list({ limit, cursor, ...query }: ListActions): Promise<ActionListDto> {
    if (cursor !== undefined && !/^act_[0-9a-z]{25}$/.test(cursor))
      throw new Refusal('invalid_cursor', 'Take nextCursor from the page before, unchanged.');
    const found = await this.actions.page(query, limit + 1, cursor);
    const page = found.slice(0, limit);
    return { actions: page.map(dtoOf), nextCursor: found.length > limit ? page.at(-1)!._id : null };
  }

  async find({ workspace, action }: ActionRequest): Promise<Action> {
    const found = await this.actions.inWorkspace(workspace, action);
    if (!found) throw notFound(action);
    return found;
  }

  private async secretsOf({
    sealedSecrets,
    workspace,
    connection,
    idempotencyKey,
  }: Wish): Promise<Record<string, string>> {
    if (sealedSecrets === undefined) return {};
    try {
      const opened = await this.privateKey.open(sealedSecrets, `action|${workspace}|${connection}|${idempotencyKey}`);
      return JSON.parse(opened) as Record<string, string>;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      throw new InvalidRequest([
        { path: '$.sealedSecrets', detail: 'they are not sealed to this service for this action' },
      ]);
    }
  }

  private markOf(wish: Wish, parameters: object, secrets: object): string {
    const { action, connection, person, reason, dryRun = false, undoes } = wish;
    return createHmac('sha256', this.markKey)
      .update(inOrder([connection, action, person, parameters, secrets, reason, dryRun, undoes]))
      .digest('base64url');
  }
}

/** JSON with the fields of each object in order: another order is no other request. */
const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const notFound = (id: string): Refusal => new Refusal('action_not_found', `This workspace has no action ${id}.`);

/** The action that the key stands for; refused for another request, and while it is in flight. */
function repeated(known: Action, mark: string): ActionDto {
  const extra = { context: { action: known._id } };
  if (known.mark !== mark)
    throw new Refusal(
      'idempotency_key_reused',
      'This idempotency key was used for another request. Take a new one.',
      extra,
    );
  if (known.endedAt === null)
    throw new Refusal('action_in_flight', `${known._id} has this idempotency key, and has not ended yet.`, extra);
  return dtoOf(known);
}

/** The parameters as the catalogue wants them, without the secrets. */
export function parametersOf(
  { action, person, parameters }: Pick<Wish, 'action' | 'person' | 'parameters'>,
  secrets: Record<string, string>,
): Record<string, unknown> {
  const { Parameters, secrets: names } = actionCatalogue[action];
  const given = { ...parameters, ...secrets };
  // A class without a field is none that class-validator would know.
  const [unknown] = Parameters === NoParameters ? Object.keys(given) : [];
  if (unknown !== undefined)
    throw new InvalidRequest([{ path: `$.parameters.${unknown.slice(0, 100)}`, detail: 'there is no such field' }]);
  const checked = Parameters === NoParameters ? {} : check(Parameters, given, { strict: true });
  if ((person === undefined) !== (action === 'create_user'))
    throw new InvalidRequest([
      {
        path: '$.person',
        detail: action === 'create_user' ? 'nobody is there yet' : 'must be the Okta id of the person',
      },
    ]);
  const wrong = mismatchIn(action, checked);
  if (wrong) throw new InvalidRequest([wrong]);
  return Object.fromEntries(
    Object.entries(checked).filter(([name, value]) => value !== undefined && !names.includes(name)),
  );
}

/** Throws what the connection lacks for the action. Asked again before each attempt: it may have changed meanwhile. */
export function mayAct({ id, level, removedAt, paused, health, checks }: ConnectionDto, action: ActionName): void {
  if (removedAt !== null) throw new ConnectionRemoved(id);
  if (level !== 'read_and_act') throw new PermissionLevelRequired(id);
  if (paused) throw new Refusal('connection_paused', `${id} is paused. Go on with it first.`);
  if (health === 'needs_reauth')
    throw new Refusal('credential_rejected', `Okta does not take the token of ${id} any more. Replace it first.`);
  const { capability } = actionCatalogue[action];
  const proof = checks.find((one) => one.capability === capability);
  // What Okta lets nobody prove beforehand is tried.
  if (proof?.result === 'missing')
    throw new Refusal(
      'capability_missing',
      `${proof.detail} The scope ${scopeOf[capability]} is needed. ${proof.mend}`,
      { context: { capability, scope: scopeOf[capability] } },
    );
}
