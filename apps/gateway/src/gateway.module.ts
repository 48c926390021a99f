import { Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { MessagingModule, messagingOptionsOf, NatsHealthCheck } from '@seatwise/messaging';
import { HealthModule, logging, MetricsModule } from '@seatwise/observability';
import { MongoHealthCheck, PersistenceModule, PublicKeys } from '@seatwise/persistence';
import { ActionEnds } from './actions/action-ends.js';
import { ActionsController } from './actions/actions.controller.js';
import { ActionsService } from './actions/actions.service.js';
import { AppsController } from './apps/apps.controller.js';
import { ActionRecords } from './audit/action-records.js';
import { AuditLog } from './audit/audit-log.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { AuditRepository } from './audit/audit.repository.js';
import { AuditService } from './audit/audit.service.js';
import { RoleGuard } from './audit/role.guard.js';
import { UnfinishedRequests } from './audit/unfinished.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkService } from './bulk/bulk.service.js';
import { GatewayConfig } from './config.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { ConnectionsService } from './connections/connections.service.js';
import { LiveTest } from './connections/live-test.js';
import { LargeBody } from './door/large-body.js';
import { InFlight } from './door/in-flight.js';
import { OperationInterceptor } from './door/operation.interceptor.js';
import { ProblemFilter } from './door/problem.filter.js';
import { AddressThrottle, KeyThrottle, Throttling } from './door/throttling.js';
import { GroupsController } from './groups/groups.controller.js';
import { SystemHealthController } from './health/health.controller.js';
import { KeysController } from './keys/keys.controller.js';
import { KeysRepository } from './keys/keys.repository.js';
import { KeysService } from './keys/keys.service.js';
import { PeopleController } from './people/people.controller.js';
import { PeopleService } from './people/people.service.js';
import { Operations } from './reference/operations.js';
import { ProblemsController } from './reference/problems.controller.js';
import { EventsReferenceController } from './reference/events.controller.js';
import { ReferenceController } from './reference/reference.controller.js';
import { Progress } from './runs/progress.js';
import { RunsController } from './runs/runs.controller.js';
import { MembersController } from './members/members.controller.js';
import { MembersRepository } from './members/members.repository.js';
import { MembersService } from './members/members.service.js';
import { CallerGuard } from './sign-in/caller.guard.js';
import { SessionCookies } from './sign-in/cookies.js';
import { Guesses } from './sign-in/guesses.js';
import { Providers } from './sign-in/providers.js';
import { SamePage } from './sign-in/same-page.js';
import { SessionsController } from './sign-in/sessions.controller.js';
import { SessionsRepository } from './sign-in/sessions.repository.js';
import { SessionsService } from './sign-in/sessions.service.js';
import { SignInRecords } from './sign-in/sign-in-records.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { SnapshotController } from './snapshot/snapshot.controller.js';
import { SnapshotService } from './snapshot/snapshot.service.js';
import { SummaryController } from './summary/summary.controller.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksService } from './webhooks/webhooks.service.js';
import { WorkspacesController } from './workspaces/workspaces.controller.js';
import { WorkspacesRepository } from './workspaces/workspaces.repository.js';
import { WorkspacesService } from './workspaces/workspaces.service.js';

/** All operations of the API, in the order in which the document names them. */
export const controllers: Type[] = [
  WorkspacesController,
  KeysController,
  SignInController,
  SessionsController,
  MembersController,
  ConnectionsController,
  RunsController,
  ActionsController,
  BulkController,
  WebhooksController,
  SnapshotController,
  PeopleController,
  GroupsController,
  AppsController,
  SummaryController,
  SystemHealthController,
  ProblemsController,
  ReferenceController,
  EventsReferenceController,
  AuditController,
];

/** The gateway with these settings. */
export function gatewayWith(config: GatewayConfig): Type {
  @Module({
    imports: [
      logging('gateway'),
      PersistenceModule.forRoot({ uri: config.mongodbUrl, database: 'gateway' }),
      MessagingModule.forRoot(messagingOptionsOf('gateway', config)),
      HealthModule.forChecks(MongoHealthCheck, NatsHealthCheck),
      MetricsModule,
      DiscoveryModule,
    ],
    controllers,
    providers: [
      { provide: GatewayConfig, useValue: config },
      { provide: PublicKeys, useFactory: () => new PublicKeys(config.servicePublicKeys) },
      ThrottlerStorageService,
      Throttling,
      InFlight,
      KeysRepository,
      KeysService,
      MembersRepository,
      MembersService,
      SessionsRepository,
      SessionsService,
      SessionCookies,
      SamePage,
      Guesses,
      Providers,
      SignInRecords,
      SignInService,
      WorkspacesRepository,
      WorkspacesService,
      ConnectionsService,
      LiveTest,
      Progress,
      ActionEnds,
      ActionsService,
      BulkService,
      WebhooksService,
      SnapshotService,
      PeopleService,
      LargeBody,
      Operations,
      { provide: APP_FILTER, useClass: ProblemFilter },
      AddressThrottle,
      { provide: APP_GUARD, useExisting: AddressThrottle },
      { provide: APP_GUARD, useClass: CallerGuard },
      { provide: APP_GUARD, useClass: KeyThrottle },
      { provide: APP_GUARD, useClass: RoleGuard },
      { provide: APP_INTERCEPTOR, useClass: OperationInterceptor },
      { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
      AuditRepository,
      AuditLog,
      AuditService,
      ActionRecords,
      UnfinishedRequests,
    ],
  })
  class GatewayModule {}
  return GatewayModule;
}
