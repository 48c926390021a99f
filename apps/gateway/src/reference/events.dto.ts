import { IsText } from '@seatwise/contracts';
import { Matches } from 'class-validator';

export class SchemaPath {
  @IsText(100)
  @Matches(/^[a-z_.-]+\.v\d+\.json$/, { message: 'schema must be a name such as person.changed.v1.json' })
  schema!: string;
}
