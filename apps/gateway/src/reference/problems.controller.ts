import { Controller, Get } from '@nestjs/common';
import { problems, Refusal } from '@seatwise/contracts';
import { Operation } from '../door/operation.js';
import { problemCodes } from '../door/problem.js';
import { FromPath } from '../door/reading.js';
import { ProblemKindDto, ProblemKindListDto, ProblemPath } from './problems.dto.js';

const kinds: ProblemKindDto[] = problemCodes.map((code) => ({ code, ...problems[code] }));

@Controller('api/v1/problems')
export class ProblemsController {
  @Get()
  @Operation({
    allows: 'anyone',
    summary: 'Every kind of problem',
    description: 'A code is never renamed or given another meaning.',
    answer: { status: 200, description: 'The kinds.', Type: ProblemKindListDto },
  })
  listProblems(): ProblemKindListDto {
    return { problems: kinds };
  }

  @Get(':code')
  @Operation({
    allows: 'anyone',
    summary: 'One kind of problem',
    description: 'Where the `type` of a problem leads.',
    answer: { status: 200, description: 'The kind.', Type: ProblemKindDto },
    refuses: ['not_found'],
  })
  getProblem(@FromPath(ProblemPath) path: ProblemPath): ProblemKindDto {
    const kind = kinds.find(({ code }) => code === path.code);
    if (!kind) throw new Refusal('not_found', 'There is no problem of this code.');
    return kind;
  }
}
