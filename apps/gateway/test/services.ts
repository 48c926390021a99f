import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  agreeToShrink,
  AppNotFound,
  BudgetDto,
  cancelRun,
  connectAccount,
  connectionChecked,
  ConnectionDto,
  ConnectionNotFound,
  ConnectionTestDto,
  eventEntry,
  getActivePeople,
  getAppHours,
  getAppUsage,
  getAttributes,
  getBudgets,
  getConnection,
  getGroupsOfApp,
  getPersonRecord,
  getPersonUsage,
  getRun,
  getSeatOrigins,
  getSummary,
  listApps,
  listAttributes,
  listConnections,
  listPeople,
  listRuns,
  newId,
  PersonNotFound,
  readMirror,
  readUsageDay,
  Refusal,
  removeConnection,
  rotateCredential,
  RunDto,
  RunNotFound,
  startSync,
  syncRunChanged,
  testConnection,
  tryAccount,
  updateConnection,
  type ConnectionCheck,
  type InConnection,
  type Shape,
} from '@seatwise/contracts';
import { Bus, MessagingModule, Streams } from '@seatwise/messaging';
import type { PrivateKey } from '@seatwise/persistence';
import { ActivePeopleDto, AppHoursDto, AppsPage, AppUsageDto } from '../src/apps/apps.dto.js';
import { PeoplePageDto, PersonDto } from '../src/people/people.dto.js';
import { exampleOf } from '../src/reference/examples.js';
import { SummaryDto } from '../src/summary/summary.dto.js';
import { Acting } from './acting.js';
import { Hooks } from './hooks.js';
import { Jobs } from './jobs.js';

const like = <T extends object>(Type: Shape<T>, own: Partial<T> = {}): T =>
  Object.assign(structuredClone(exampleOf(Type)) as T, own);

function mustBeUrl(orgUrl: string): void {
  if (!URL.canParse(orgUrl) || orgUrl.length > 255) throw new Refusal('invalid_org_url', 'Not a URL.');
}

export const knownPerson = (exampleOf(PersonDto) as PersonDto).id;
export const knownApp = (exampleOf(AppUsageDto) as AppUsageDto).app.id;

/**
 * The services behind the gateway, as small as they can be: they answer on a real bus, which checks what they are
 * asked against the contracts, and keep what they are told in memory, apart for each workspace.
 */
export class Services {
  readonly connections: ConnectionDto[] = [];
  readonly runs: RunDto[] = [];
  /** The Okta tokens that arrived and could be opened. */
  readonly tokens: string[] = [];
  readonly acting: Acting;
  readonly jobs: Jobs;
  readonly hooks: Hooks;
  /** Pages of the mirror that were asked for, and whether they have an end. */
  readonly mirror = { asked: 0, endless: false };
  /** What a test waits for after its first check. */
  betweenChecks = (): Promise<void> => Promise.resolve();
  private changed = 0;

  private constructor(
    private readonly context: INestApplicationContext,
    private readonly privateKey: PrivateKey,
    actingKey: PrivateKey,
  ) {
    const mustKnow = (workspace: string, connection: string) => void this.connectionOf({ workspace, connection });
    this.acting = new Acting(context.get(Bus), context.get(Streams), actingKey, mustKnow, knownPerson);
    this.jobs = new Jobs(context.get(Bus), mustKnow);
    this.hooks = new Hooks(context.get(Bus), actingKey);
  }

  /** How often anything was changed. */
  get changes(): number {
    return this.changed + this.acting.changes + this.jobs.changes + this.hooks.changes;
  }

  /** `keys`: the private ones of connection-service and of action-service. */
  static async start(natsUrl: string, ...keys: [PrivateKey, PrivateKey]): Promise<Services> {
    @Module({ imports: [MessagingModule.forRoot({ servers: natsUrl, name: 'services' })] })
    class ServicesModule {}
    const services = new Services(
      await NestFactory.createApplicationContext(ServicesModule, { logger: false }),
      ...keys,
    );
    // Those who publish events make the stream, which the gateway only reads.
    await services.context.get(Streams).ensure('EVENTS');
    await services.answer();
    return services;
  }

  stop = (): Promise<void> => this.context.close();

  /** Changes a run and, unless told otherwise, says so on the stream. */
  async change(run: RunDto, own: Partial<RunDto>, { silently = false } = {}): Promise<void> {
    Object.assign(run, own, { version: run.version + 1 });
    if (silently) return;
    const entry = { ...eventEntry(syncRunChanged, run.workspace, structuredClone(run)), id: newId('evt') };
    await this.context.get(Streams).publishEntry(entry);
  }

  startRun({ workspace, connection }: InConnection): RunDto {
    const run = like(RunDto, { id: newId('run'), workspace, connection, version: 1 });
    this.runs.push(run);
    return run;
  }

  private connectionOf({ workspace, connection }: { workspace: string; connection: string }): ConnectionDto {
    const found = this.connections.find((known) => known.id === connection && known.workspace === workspace);
    if (!found) throw new ConnectionNotFound(connection);
    return found;
  }

  private runOf({ workspace, run }: { workspace: string; run: string }): RunDto {
    const found = this.runs.find((known) => known.id === run && known.workspace === workspace);
    if (!found) throw new RunNotFound(run);
    return found;
  }

  private async open(sealed: string, context: string): Promise<void> {
    this.tokens.push(await this.privateKey.open(sealed, context));
    this.changed++;
  }

  private async answer(): Promise<void> {
    const bus = this.context.get(Bus);
    await this.answerForConnections(bus);
    await this.answerForRuns(bus);
    await this.answerForFigures(bus);
    await this.acting.answer();
    await this.jobs.answer();
    await this.hooks.answer();
  }

  private async answerForConnections(bus: Bus): Promise<void> {
    await bus.handle(connectAccount, async ({ workspace, orgUrl, sealedToken, settings }) => {
      mustBeUrl(orgUrl);
      await this.open(sealedToken, `connect|${workspace}|${orgUrl}`);
      const made = like(ConnectionDto, { ...JSON.parse(JSON.stringify(settings)), id: newId('con'), workspace });
      this.connections.push(made);
      return made;
    });
    await bus.handle(listConnections, ({ workspace }) =>
      Promise.resolve({ connections: this.connections.filter((known) => known.workspace === workspace) }),
    );
    await bus.handle(getConnection, async (at) => this.connectionOf(at));
    await bus.handle(tryAccount, async ({ workspace, test, orgUrl, sealedToken, connection }) => {
      mustBeUrl(orgUrl);
      if (connection !== undefined) this.connectionOf({ workspace, connection });
      this.tokens.push(await this.privateKey.open(sealedToken, `test|${workspace}|${orgUrl}`));
      const ended = like(ConnectionTestDto, { id: test, workspace });
      await this.tellChecks(workspace, test, ended.checks);
      return ended;
    });
    await bus.handle(testConnection, async ({ test, ...at }) => {
      const connection = this.connectionOf(at);
      if (test !== undefined) await this.tellChecks(at.workspace, test, connection.checks);
      return connection;
    });
    await bus.handle(updateConnection, async ({ settings, ...at }) => {
      this.changed++;
      return Object.assign(this.connectionOf(at), JSON.parse(JSON.stringify(settings)) as object);
    });
    await bus.handle(rotateCredential, async ({ sealedToken, orgUrl: _orgUrl, ...at }) => {
      const connection = this.connectionOf(at);
      await this.open(sealedToken, `rotate|${at.workspace}|${at.connection}`);
      return connection;
    });
    await bus.handle(removeConnection, async (at) => {
      this.connectionOf(at);
      this.changed++;
      return { done: true as const };
    });
  }

  /** Tells the checks of a test, as connection-service does. */
  async tellChecks(workspace: string, test: string, [first, ...rest]: ConnectionCheck[]): Promise<void> {
    const streams = this.context.get(Streams);
    const tell = (check: ConnectionCheck) => streams.tellLive(connectionChecked, workspace, { workspace, test, check });
    await tell(first!);
    await this.betweenChecks();
    for (const check of rest) await tell(check);
  }

  private async answerForRuns(bus: Bus): Promise<void> {
    await bus.handle(startSync, async (at) => {
      this.connectionOf(at);
      this.changed++;
      return this.startRun(at);
    });
    await bus.handle(listRuns, async ({ workspace, connection, limit }) => {
      if (connection !== undefined) this.connectionOf({ workspace, connection });
      const runs = this.runs.filter(
        (run) => run.workspace === workspace && (!connection || run.connection === connection),
      );
      return { runs: runs.slice(0, limit), nextCursor: null };
    });
    await bus.handle(getBudgets, ({ workspace }) =>
      Promise.resolve({
        budgets: this.connections
          .filter((known) => known.workspace === workspace)
          .map(({ id }) => like(BudgetDto, { connection: id })),
      }),
    );
    await bus.handle(getRun, async (at) => this.runOf(at));
    await bus.handle(agreeToShrink, async (at) => this.runOf(at));
    await bus.handle(cancelRun, async (at) => this.runOf(at));
  }

  private async answerForFigures(bus: Bus): Promise<void> {
    const mayRead = (workspace: string, connection: string | undefined) =>
      connection === undefined || this.connectionOf({ workspace, connection });
    await bus.handle(listPeople, async ({ workspace, connection }) => {
      mayRead(workspace, connection);
      const { people, ...page } = like(PeoplePageDto);
      return { people: people.map(({ attributes: _attributes, ...row }) => row), ...page };
    });
    await bus.handle(listApps, async ({ workspace, connection }) => {
      mayRead(workspace, connection);
      return like(AppsPage);
    });
    await bus.handle(getSummary, async ({ workspace, connection }) => {
      mayRead(workspace, connection);
      return like(SummaryDto);
    });
    await bus.handle(readMirror, async (at) => {
      this.connectionOf(at);
      this.mirror.asked++;
      const groups = like(PersonDto).groups.map((group) =>
        Object.assign<Record<string, unknown>, object>({ v: 1 }, group),
      );
      if (this.mirror.endless) return { items: Array.from({ length: at.limit }, () => groups[0]!) };
      return { items: at.after || (at.asTold && at.kind !== 'group') ? [] : groups };
    });
    await bus.handle(readUsageDay, async (at) => {
      this.connectionOf(at);
      return { parts: [] };
    });
    await bus.handle(getAttributes, async ({ people, names, ...at }) => {
      this.connectionOf(at);
      const attributes = Object.fromEntries(names.map((name) => [name, 'Research']));
      return { people: people.map((person): [string, Record<string, unknown>] => [person, attributes]) };
    });
    await bus.handle(listAttributes, async (at) => {
      this.connectionOf(at);
      return { names: ['department', 'login'] };
    });
    await bus.handle(getPersonRecord, async (at) => {
      this.connectionOf(at);
      if (at.person !== knownPerson) throw new PersonNotFound(at.person);
      const { usage: _usage, connection: _connection, ...record } = like(PersonDto);
      return record;
    });
    await bus.handle(getPersonUsage, async (at) => {
      this.connectionOf(at);
      if (at.person !== knownPerson) throw new PersonNotFound(at.person);
      return like(PersonDto).usage!;
    });
    const ofApp = <T extends object>(at: InConnection & { app: string }, Type: Shape<T>, own: Partial<T> = {}): T => {
      this.connectionOf(at);
      if (at.app !== knownApp) throw new AppNotFound(at.app);
      return like(Type, own);
    };
    await bus.handle(getAppUsage, async (at) => ofApp(at, AppUsageDto));
    await bus.handle(getGroupsOfApp, async (at) => {
      this.connectionOf(at);
      return { groups: like(PersonDto).groups, moreGroups: false };
    });
    await bus.handle(getSeatOrigins, async (at) => {
      ofApp(at, AppUsageDto);
      const byGroup = { [like(PersonDto).groups[0]!.id]: 7, gone: 3 };
      return { origins: { direct: 2, unnamed: 1, byGroup } };
    });
    await bus.handle(getActivePeople, async (at) => ofApp(at, ActivePeopleDto));
    await bus.handle(getAppHours, async (at) => ofApp(at, AppHoursDto, { zone: at.zone }));
  }
}
