import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';

/** The settings of usage-aggregator: a property `mongodbUrl` is the variable MONGODB_URL. */
export class UsageConfig {
  @Matches(/^mongodb(\+srv)?:\/\//)
  mongodbUrl!: string;

  /** One or several, separated by commas. */
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
