import { Controller, Delete, Get, Patch, Post, Res } from '@nestjs/common';
import { RunDto, startSync } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromPath, FromQuery } from '../door/reading.js';
import {
  ConnectionDto,
  ConnectionListDto,
  ConnectionPath,
  ConnectionSettings,
  ConnectionTestDto,
  NewConnection,
  NewConnectionTest,
  RemovalQuery,
  NewToken,
} from './connections.dto.js';
import { ConnectionsService } from './connections.service.js';
import { LiveTest } from './live-test.js';

/** The checks call Okta, which may take its time. */
const whileOktaAnswersMs = 65_000;

const liveAnswer = {
  status: 200,
  description: 'The events.',
  Type: ConnectionTestDto,
  contentType: 'text/event-stream',
  event: 'ended',
} as const;
const liveEvents =
  'Server-sent events: an event `check` with each check (`ConnectionCheck`) as it ends, whose id is its name, and at last an ' +
  'event `ended` with all of them and the verdict. An answer that ends without it broke off.';

@Controller('api/v1')
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly bus: Bus,
    private readonly liveTest: LiveTest,
  ) {}

  @Post('connections')
  @Operation({
    allows: 'admin',
    summary: 'Connect an Okta org',
    audited: 'connection.connected',
    description: 'Tests the token, stores it sealed, and starts the first sync. The token is never shown again.',
    answer: {
      status: 201,
      description: 'The connection, with what its token was proved to allow.',
      Type: ConnectionDto,
      headers: ['Location'],
    },
    refuses: ['invalid_org_url', 'already_connected', 'connection_test_failed'],
    deadlineMs: whileOktaAnswersMs,
  })
  async connect(
    @By() caller: Caller,
    @FromBody(NewConnection) connection: NewConnection,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ConnectionDto> {
    const made = await this.connections.connect(caller.workspace, connection);
    response.location(`/api/v1/connections/${made.id}`);
    return made;
  }

  @Post('connection-tests')
  @Operation({
    allows: 'admin',
    summary: 'Test an org and a token',
    audited: 'connection.tested',
    description: `Connects nothing and keeps nothing. ${liveEvents}`,
    answer: liveAnswer,
    refuses: ['invalid_org_url', 'already_connected', 'connection_not_found', 'connection_removed'],
    deadlineMs: whileOktaAnswersMs,
  })
  tryOut(
    @By() { workspace }: Caller,
    @FromBody(NewConnectionTest) org: NewConnectionTest,
    @Res() response: Response,
  ): Promise<void> {
    return this.liveTest.show(workspace, (test) => this.connections.tryOut(workspace, test, org), response);
  }

  @Get('connections')
  @Operation({
    allows: 'viewer',
    summary: 'List connections',
    answer: { status: 200, description: 'All connections of the workspace.', Type: ConnectionListDto },
  })
  listConnections(@By() caller: Caller): Promise<ConnectionListDto> {
    return this.connections.list(caller.workspace);
  }

  @Get('connections/:connection')
  @Operation({
    allows: 'viewer',
    summary: 'One connection',
    answer: { status: 200, description: 'The connection.', Type: ConnectionDto },
    refuses: ['connection_not_found'],
  })
  getConnection(@By() caller: Caller, @FromPath(ConnectionPath) path: ConnectionPath): Promise<ConnectionDto> {
    return this.connections.get(within(caller, path));
  }

  @Patch('connections/:connection')
  @Operation({
    allows: 'admin',
    summary: 'Change the settings of a connection',
    audited: 'connection.changed',
    description: 'Only the fields that are sent change.',
    answer: { status: 200, description: 'The connection as it is now.', Type: ConnectionDto },
    refuses: ['connection_not_found', 'connection_removed'],
  })
  updateConnection(
    @By() caller: Caller,
    @FromPath(ConnectionPath) path: ConnectionPath,
    @FromBody(ConnectionSettings) settings: ConnectionSettings,
  ): Promise<ConnectionDto> {
    return this.connections.update(within(caller, path), settings);
  }

  @Post('connections/:connection/test')
  @Operation({
    allows: 'operator',
    summary: 'Test a connection anew',
    audited: 'connection.tested',
    description: 'Runs every check on Okta; the answer says of each what it found and how to mend it.',
    answer: { status: 200, description: 'The connection with its new checks.', Type: ConnectionDto },
    refuses: ['connection_not_found', 'connection_removed'],
    deadlineMs: whileOktaAnswersMs,
  })
  testConnection(@By() caller: Caller, @FromPath(ConnectionPath) path: ConnectionPath): Promise<ConnectionDto> {
    return this.connections.test(within(caller, path));
  }

  @Post('connections/:connection/test/live')
  @Operation({
    allows: 'operator',
    summary: 'Test a connection anew, and watch',
    audited: 'connection.tested',
    description: `Runs and keeps the same checks. ${liveEvents}`,
    answer: liveAnswer,
    refuses: ['connection_not_found', 'connection_removed'],
    deadlineMs: whileOktaAnswersMs,
  })
  testLive(
    @By() caller: Caller,
    @FromPath(ConnectionPath) path: ConnectionPath,
    @Res() response: Response,
  ): Promise<void> {
    const at = within(caller, path);
    return this.liveTest.show(caller.workspace, (test) => this.connections.testLive(at, test), response);
  }

  @Post('connections/:connection/token')
  @Operation({
    allows: 'admin',
    summary: 'Replace the API token',
    audited: 'connection.rotated',
    description:
      'The new token is tested before the old one is let go. With `orgUrl` the same org is reached at another address.',
    answer: { status: 200, description: 'The connection with its new checks.', Type: ConnectionDto },
    refuses: [
      'connection_not_found',
      'connection_removed',
      'connection_test_failed',
      'invalid_org_url',
      'already_connected',
    ],
    deadlineMs: whileOktaAnswersMs,
  })
  rotateToken(
    @By() caller: Caller,
    @FromPath(ConnectionPath) path: ConnectionPath,
    @FromBody(NewToken) token: NewToken,
  ): Promise<ConnectionDto> {
    return this.connections.rotate(within(caller, path), token);
  }

  @Post('connections/:connection/sync')
  @Operation({
    allows: 'operator',
    summary: 'Sync now',
    audited: 'run.started',
    description: 'Starts a run, or answers the one that is under way.',
    answer: { status: 202, description: 'The run; follow it at its Location.', Type: RunDto, headers: ['Location'] },
    refuses: ['connection_not_found', 'connection_removed', 'connection_paused'],
  })
  async syncNow(
    @By() caller: Caller,
    @FromPath(ConnectionPath) path: ConnectionPath,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunDto> {
    const run = await this.bus.request(startSync, within(caller, path));
    response.location(`/api/v1/runs/${run.id}`);
    return run;
  }

  @Delete('connections/:connection')
  @Operation({
    allows: 'admin',
    summary: 'Disconnect an org',
    audited: 'connection.disconnected',
    description:
      '`history=keep` leaves its people and figures readable, and out of those of the workspace; `history=erase` takes ' +
      'them with it, also later.',
    answer: { status: 204, description: 'Disconnected.' },
    refuses: ['connection_not_found'],
  })
  async disconnect(
    @By() caller: Caller,
    @FromPath(ConnectionPath) path: ConnectionPath,
    @FromQuery(RemovalQuery) { history }: RemovalQuery,
  ): Promise<void> {
    await this.connections.remove(within(caller, path), history);
  }
}
