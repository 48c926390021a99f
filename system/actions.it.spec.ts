import { randomUUID } from 'node:crypto';
import {
  actionCatalogue,
  actionNames,
  getAction,
  Refusal,
  requestAction,
  userStatuses,
  type ActionDto,
  type ActionName,
  type ConnectionDto,
  type RequestAction,
  type UserStatus,
} from '@seatwise/contracts';
import { PublicKeys } from '@seatwise/persistence';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';

interface Truth {
  id: string;
  status: UserStatus;
  profile: Record<string, unknown>;
}

const ended = new Set(['done', 'refused', 'failed', 'unknown']);

describe('the sixteen actions', () => {
  let seatwise: Seatwise;
  let org: TestOrg;
  let connection: ConnectionDto;
  const people = new Map<UserStatus, Truth[]>();
  let groups: { id: string; type: string }[];
  let apps: { id: string; status: string }[];

  beforeAll(async () => {
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: '2000', SIMULATOR_FROZEN: 'false' }]);
    [org] = seatwise.orgs as [TestOrg];
    const { api } = await seatwise.workspace('Actions');
    connection = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    const lines = async <T>(path: string) => {
      const text = await (await fetch(`${org.url}/control/truth/${path}`)).text();
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as T);
    };
    for (const person of await lines<Truth>('people')) {
      const same = people.get(person.status) ?? [];
      same.push(person);
      people.set(person.status, same);
    }
    people.get('ACTIVE')?.shift();
    groups = await lines('groups');
    apps = await lines('apps');
  });
  afterAll(() => seatwise.stop());

  const someone = (status: UserStatus): Truth => people.get(status)!.pop()!;

  async function ask(
    wish: Partial<RequestAction> & Pick<RequestAction, 'action'>,
    secrets?: object,
  ): Promise<ActionDto> {
    const { id, workspace } = connection;
    const idempotencyKey = randomUUID();
    const keys = new PublicKeys(seatwise.kept.publicKeys as ConstructorParameters<typeof PublicKeys>[0]);
    const context = `action|${workspace}|${id}|${idempotencyKey}`;
    const by = { key: `key_${'0'.repeat(25)}`, role: 'admin' };
    const asked = await seatwise.bus.request(requestAction, {
      workspace,
      connection: id,
      by,
      idempotencyKey,
      reason: 'test',
      parameters: {},
      ...wish,
      ...(secrets && { sealedSecrets: await keys.sealFor('action-service', JSON.stringify(secrets), context) }),
    });
    return (await until(
      () => seatwise.bus.request(getAction, { workspace, action: asked.id }),
      (seen) => ended.has(seen!.state),
    ))!;
  }

  const parametersFor = (action: ActionName, { profile }: Truth): object => {
    switch (action) {
      case 'add_user_to_group':
      case 'remove_user_from_group':
        return { group: groups.filter(({ type }) => type === 'OKTA_GROUP')[1]!.id };
      case 'assign_user_to_app':
      case 'unassign_user_from_app':
        return { app: apps.filter(({ status }) => status === 'ACTIVE')[3]!.id };
      case 'delete_user':
        return { confirmLogin: profile.login };
      case 'change_user_profile':
        return { profile: { title: `Title ${randomUUID()}` } };
      default:
        return {};
    }
  };

  it('does each from each status, or says why not', async () => {
    const table: Record<string, Record<string, string>> = {};
    for (const action of actionNames) {
      if (action === 'create_user') continue;
      const row: Record<string, string> = {};
      for (const status of userStatuses) {
        const person = someone(status);
        const secrets = action === 'change_user_password' ? { password: `Aa1${randomUUID()}` } : undefined;
        const started = Date.now();
        const result = await ask(
          { action, person: person.id, parameters: parametersFor(action, person) as Record<string, unknown> },
          secrets,
        ).catch((error: unknown) => {
          if (error instanceof Refusal)
            return { state: 'problem', fault: { code: error.code, detail: error.detail } } as unknown as ActionDto;
          throw error;
        });
        row[status] =
          `${result.state}${result.effect === 'none' && result.state === 'done' ? '(none)' : ''}${result.verified ? '+' : ''} ${result.fault?.code ?? ''} ${Date.now() - started}`;
        if (result.fault && result.fault.code !== 'person_status')
          console.log(action, status, JSON.stringify(result.fault), JSON.stringify(result.requests));
      }
      table[action] = row;
    }
    console.table(table);
    console.log(actionCatalogue.add_user_to_group.title);
  }, 300_000);
});
