import { ListPeople } from '@seatwise/contracts';
import { PickType } from '@nestjs/swagger';

export class SnapshotQuery extends PickType(ListPeople, ['connection'] as const) {}
