import { ListRuns, RunDto, RunListDto, RunRequest } from '@seatwise/contracts';
import { OmitType, PickType } from '@nestjs/swagger';

export { RunDto, RunListDto };

export class RunsQuery extends OmitType(ListRuns, ['workspace'] as const) {}

export class RunPath extends PickType(RunRequest, ['run'] as const) {}
