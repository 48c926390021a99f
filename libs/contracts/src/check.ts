import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { InvalidRequest, shortened, type FieldProblem } from './problems.js';
import type { Shape } from './message.js';

/**
 * Makes an instance of `Type` from plain JSON, or throws {@link InvalidRequest} naming every field that does not fit.
 * With `strict` unknown fields are refused (the REST door, where one is a typing mistake); otherwise they are left
 * out (the bus, where one may come from a newer version).
 */
export function check<T extends object>(Type: Shape<T>, plain: unknown, { strict = false } = {}): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    throw new InvalidRequest([{ path: '$', detail: 'must be an object' }]);
  const instance = plainToInstance(Type, plain, { exposeDefaultValues: true });
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: strict,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw new InvalidRequest(fieldProblems(errors).slice(0, 50));
  return instance;
}

export function fieldProblems(errors: ValidationError[], parent = '$'): FieldProblem[] {
  return errors.flatMap((error) => {
    const path = `${parent}.${error.property}`.slice(0, 200);
    const own = Object.entries(error.constraints ?? {}).map(([rule, detail]) => ({
      path,
      detail: rule === 'whitelistValidation' ? 'there is no such field' : shortened(detail, 300),
      rule,
    }));
    return [...own, ...fieldProblems(error.children ?? [], path)];
  });
}
