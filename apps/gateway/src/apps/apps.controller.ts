import { Controller, Get } from '@nestjs/common';
import {
  getActivePeople,
  getAppHours,
  getAppUsage,
  getGroupsOfApp,
  getSeatOrigins,
  listApps,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromPath, FromQuery } from '../door/reading.js';
import {
  ActivePeopleDto,
  AppGroupsDto,
  AppHoursDto,
  AppHoursQuery,
  AppPath,
  AppsPage,
  AppsQuery,
  AppUsageDto,
  AppWindowQuery,
} from './apps.dto.js';

@Controller('api/v1')
export class AppsController {
  constructor(private readonly bus: Bus) {}

  @Get('apps')
  @Operation({
    allows: 'viewer',
    summary: 'List apps',
    description:
      'With their seats, used and unused within the window; the most unused first unless told otherwise. `trend=people` brings the people of each day (UTC) along: up to today, of the days of the window that are known, the last 90 at most.',
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

  @Get('connections/:connection/apps/:app/hours')
  @Operation({
    allows: 'viewer',
    summary: 'The sign-ins of an app by weekday and hour',
    description:
      'As clocks in the `zone` show them, summer time included: how many sign-ins lie in each hour of the week, and how often that hour has passed. `from` is the first day that they are of; sign-ins before it, which have no hour because they were counted before hours were, are `earlier`. The app `okta` is Okta itself.',
    answer: { status: 200, description: 'The 168 hours of the week.', Type: AppHoursDto },
    refuses: ['connection_not_found', 'app_not_found'],
  })
  getAppHours(
    @By() caller: Caller,
    @FromPath(AppPath) path: AppPath,
    @FromQuery(AppHoursQuery) query: AppHoursQuery,
  ): Promise<AppHoursDto> {
    return this.bus.request(getAppHours, within(caller, path, query));
  }

  @Get('connections/:connection/apps/:app/active-people')
  @Operation({
    allows: 'viewer',
    summary: 'How many different people use an app',
    description:
      'For each day (UTC) of the window: who came on that day, within the 7 days that end with it, and within 30. Null where not all of these days are known. The app `okta` is Okta itself.',
    answer: { status: 200, description: 'The days.', Type: ActivePeopleDto },
    refuses: ['connection_not_found', 'app_not_found'],
  })
  getActivePeople(
    @By() caller: Caller,
    @FromPath(AppPath) path: AppPath,
    @FromQuery(AppWindowQuery) query: AppWindowQuery,
  ): Promise<ActivePeopleDto> {
    return this.bus.request(getActivePeople, within(caller, path, query));
  }

  @Get('connections/:connection/apps/:app/groups')
  @Operation({
    allows: 'viewer',
    summary: 'The groups that give an app',
    description:
      'The groups that are assigned to it, and how many people come by each. Okta names one group for each person, also where several give the app. For a day after an upgrade the numbers may be null: they are counted with the seats, anew each day.',
    answer: { status: 200, description: 'The groups.', Type: AppGroupsDto },
    refuses: ['connection_not_found', 'app_not_found'],
  })
  async getAppGroups(@By() caller: Caller, @FromPath(AppPath) path: AppPath): Promise<AppGroupsDto> {
    const at = within(caller, path);
    const [{ groups, moreGroups }, { origins }] = await Promise.all([
      this.bus.request(getGroupsOfApp, at),
      this.bus.request(getSeatOrigins, at),
    ]);
    const given = groups.map((group) => Object.assign(group, { people: origins && (origins.byGroup[group.id] ?? 0) }));
    const listed = new Set(groups.map(({ id }) => id));
    const elsewhere = Object.entries(origins?.byGroup ?? {}).filter(([id]) => !listed.has(id));
    return {
      groups: given.toSorted((a, b) => (b.people ?? 0) - (a.people ?? 0) || a.name.localeCompare(b.name)),
      moreGroups,
      direct: origins && origins.direct,
      byOther: origins && elsewhere.reduce((sum, [, people]) => sum + people, origins.unnamed),
    };
  }
}
