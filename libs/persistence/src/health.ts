import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

/** Ready only while a primary answers. */
@Injectable()
export class MongoHealthCheck {
  readonly name = 'mongodb';

  constructor(private readonly database: Database) {}

  check(): Promise<void> {
    return this.database.check();
  }
}
