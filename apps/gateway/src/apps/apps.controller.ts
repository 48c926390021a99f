import { Controller, Get } from '@nestjs/common';
import { getAppUsage, listApps } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromPath, FromQuery } from '../door/reading.js';
import { AppPath, AppsPage, AppsQuery, AppUsageDto, AppWindowQuery } from './apps.dto.js';

@Controller('api/v1')
export class AppsController {
  constructor(private readonly bus: Bus) {}

  @Get('apps')
  @Operation({
    allows: 'viewer',
    summary: 'List apps',
    description: 'With their seats, used and unused within the window; the most unused first unless told otherwise.',
    answer: { status: 200, description: 'One page of apps.', Type: AppsPage },
    refuses: ['connection_not_found', 'invalid_cursor'],
  })
  listApps(@By() caller: Caller, @FromQuery(AppsQuery) query: AppsQuery): Promise<AppsPage> {
    return this.bus.request(listApps, within(caller, query));
  }

  @Get('connections/:connection/apps/:app')
  @Operation({
    allows: 'viewer',
    summary: 'One app',
    description: 'Its seats, and its sign-ins by day. The app `okta` is Okta itself.',
    answer: { status: 200, description: 'The app.', Type: AppUsageDto },
    refuses: ['connection_not_found', 'app_not_found'],
  })
  getApp(
    @By() caller: Caller,
    @FromPath(AppPath) path: AppPath,
    @FromQuery(AppWindowQuery) query: AppWindowQuery,
  ): Promise<AppUsageDto> {
    return this.bus.request(getAppUsage, within(caller, path, query));
  }
}
