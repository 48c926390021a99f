import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';

/** action-service's settings: a property `mongodbUrl` is the variable MONGODB_URL. */
export class ActionConfig {
  @Matches(/^mongodb(\+srv)?:\/\//)
  mongodbUrl!: string;

  @Matches(/^(nats|tls):\/\//)
  natsUrl!: string;

  @IsOptional()
  @IsString()
  natsUser?: string;

  @IsOptional()
  @IsString()
  natsPassword?: string;

  @IsInt()
  @Min(0)
  @Max(65_535)
  @Type(() => Number)
  httpPort: number = 8080;

  @IsString()
  host: string = '127.0.0.1';
}
