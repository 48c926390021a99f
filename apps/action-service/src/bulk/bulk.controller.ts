import { Injectable } from '@nestjs/common';
import {
  addToBulk,
  approveBulk,
  cancelBulk,
  closeBulk,
  createBulk,
  Done,
  getBulk,
  listBulk,
  listBulkItems,
  pauseBulk,
  resumeBulk,
  retryBulk,
  startBulk,
  type AddToBulk,
  type BulkDto,
  type BulkItemsDto,
  type BulkListDto,
  type BulkRequest,
  type CloseBulk,
  type CommandBulk,
  type CreateBulk,
  type ListBulk,
  type ListBulkItems,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { BulkService } from './bulk.service.js';

@Injectable()
export class BulkController {
  constructor(private readonly bulk: BulkService) {}

  @Handles(createBulk)
  create(dto: CreateBulk): Promise<BulkDto> {
    return this.bulk.create(dto);
  }

  @Handles(addToBulk)
  async add(dto: AddToBulk): Promise<Done> {
    await this.bulk.add(dto);
    return new Done();
  }

  @Handles(closeBulk)
  close(dto: CloseBulk): Promise<BulkDto> {
    return this.bulk.close(dto);
  }

  @Handles(getBulk)
  get(dto: BulkRequest): Promise<BulkDto> {
    return this.bulk.get(dto);
  }

  @Handles(listBulk)
  list(dto: ListBulk): Promise<BulkListDto> {
    return this.bulk.list(dto);
  }

  @Handles(listBulkItems)
  items(dto: ListBulkItems): Promise<BulkItemsDto> {
    return this.bulk.items(dto);
  }

  @Handles(startBulk)
  start(dto: CommandBulk): Promise<BulkDto> {
    return this.bulk.start(dto);
  }

  @Handles(approveBulk)
  approve(dto: CommandBulk): Promise<BulkDto> {
    return this.bulk.approve(dto);
  }

  @Handles(pauseBulk)
  pause(dto: CommandBulk): Promise<BulkDto> {
    return this.bulk.pause(dto);
  }

  @Handles(resumeBulk)
  resume(dto: CommandBulk): Promise<BulkDto> {
    return this.bulk.resume(dto);
  }

  @Handles(cancelBulk)
  cancel(dto: CommandBulk): Promise<BulkDto> {
    return this.bulk.cancel(dto);
  }

  @Handles(retryBulk)
  retry(dto: CommandBulk): Promise<BulkDto> {
    return this.bulk.retry(dto);
  }
}
