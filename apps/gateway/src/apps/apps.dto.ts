import {
  ActivePeopleDto,
  AppHoursDto,
  AppHoursRequest,
  AppsPage,
  AppUsageDto,
  AppUsageRequest,
  ListApps,
} from '@seatwise/contracts';
import { OmitType, PickType } from '@nestjs/swagger';

export { ActivePeopleDto, AppHoursDto, AppsPage, AppUsageDto };

export class AppsQuery extends OmitType(ListApps, ['workspace'] as const) {}

export class AppPath extends PickType(AppUsageRequest, ['connection', 'app'] as const) {}

export class AppWindowQuery extends PickType(AppUsageRequest, ['window'] as const) {}

export class AppHoursQuery extends PickType(AppHoursRequest, ['window', 'zone'] as const) {}
