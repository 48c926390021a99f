import { SummaryDto, SummaryRequest } from '@seatwise/contracts';
import { OmitType } from '@nestjs/swagger';

export { SummaryDto };

export class SummaryQuery extends OmitType(SummaryRequest, ['workspace'] as const) {}
