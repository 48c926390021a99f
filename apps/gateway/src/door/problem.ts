import { problems, shortened, type FieldProblem, type ProblemCode, type Refusal } from '@seatwise/contracts';
import { IsArray, IsIn, IsInt, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { IsText } from '@seatwise/contracts';

export const problemCodes = Object.keys(problems) as ProblemCode[];
export const problemMediaType = 'application/problem+json';

export class FieldProblemDto implements FieldProblem {
  /** A JSON path. */
  @IsText(200)
  path!: string;
  @IsText(300)
  detail!: string;
  /** As class-validator calls it. */
  @IsOptional()
  @IsText(100)
  rule?: string;
}

/** An error answer: RFC 9457, with a stable `code` and the trace to look for. */
export class ProblemDto {
  @IsText(500)
  type!: string;
  @IsText(200)
  title!: string;
  @IsInt()
  status!: number;
  @IsIn(problemCodes)
  code!: ProblemCode;
  /** What is wrong in this very request. */
  @IsText(1000)
  detail!: string;
  /** What can be done about a problem of this kind. */
  @IsText(300)
  remedy!: string;
  /** The path that was asked for. */
  @IsText(500)
  instance!: string;
  /** Present where the request was traced. */
  @IsOptional()
  @IsText(32)
  traceId?: string;
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldProblemDto)
  errors?: FieldProblemDto[];
  /** Further facts, such as the checks of a failed connection test. */
  @IsOptional()
  @IsObject()
  context?: Record<string, unknown>;
}

/** `instance` is the path alone: a query may hold a person's name. */
export function problemOf(refusal: Refusal, at: { publicUrl: string; path: string; traceId?: string }): ProblemDto {
  const { code, detail, errors, context } = refusal.toBody();
  const { title, status, remedy } = problems[code];
  return {
    type: `${at.publicUrl}/api/v1/problems/${code}`,
    title,
    status,
    code,
    detail: shortened(detail, 1000),
    remedy,
    instance: at.path.slice(0, 500),
    ...(at.traceId && { traceId: at.traceId }),
    ...(errors && { errors }),
    ...(context && { context }),
  };
}
