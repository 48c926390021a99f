import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  ServiceUnavailableException,
  type DynamicModule,
  type Type,
} from '@nestjs/common';

/** Something that must work for the service to take work. */
export interface HealthCheck {
  readonly name: string;
  /** Throws when it does not. */
  check(): Promise<void>;
}

export const HEALTH_CHECKS = Symbol('HEALTH_CHECKS');

/** Whether the service is on its way out: it finishes what it has and is ready for nothing new. */
@Injectable()
export class Draining {
  active = false;
}

@Controller()
export class HealthController {
  constructor(
    @Inject(HEALTH_CHECKS) private readonly checks: HealthCheck[],
    private readonly draining: Draining,
  ) {}

  /** Alive while this answers at all. A lost server makes the service unready, never dead: a restart would not help. */
  @Get('livez')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Ready while everything that the service needs answers. */
  @Get('readyz')
  async ready(): Promise<{ status: 'ok' }> {
    if (this.draining.active) throw new ServiceUnavailableException({ status: 'draining' });
    const outcomes = await Promise.allSettled(this.checks.map((check) => check.check()));
    const failed = this.checks.filter((_check, at) => outcomes[at]?.status === 'rejected').map(({ name }) => name);
    if (failed.length > 0) throw new ServiceUnavailableException({ status: 'not ready', failed });
    return { status: 'ok' };
  }
}

/** `/livez` and `/readyz`, by the checks whose providers are named. */
@Module({})
export class HealthModule {
  static forChecks(...checks: Type<HealthCheck>[]): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [Draining, { provide: HEALTH_CHECKS, useFactory: (...given: HealthCheck[]) => given, inject: checks }],
      exports: [Draining],
    };
  }
}
