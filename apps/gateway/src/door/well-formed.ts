import { InvalidRequest } from '@seatwise/contracts';

const deepest = 20;
/** Names by which a careless copy of an object would reach its prototype. */
const poisonous = new Set(['__proto__', 'constructor', 'prototype']);
// The control characters but tab, line feed and carriage return: MongoDB refuses NUL in some places, logs and terminals
// obey the others.
const control = /[\p{Cc}--[\t\n\r]]/v;

/**
 * Refuses what no field may hold, before any contract is looked at: control characters, lone surrogates (they have no
 * UTF-8), keys that reach for a prototype, and nesting that would exhaust the stack.
 */
export function mustBeWellFormed(value: unknown, path = '$', depth = 0): void {
  if (depth > deepest) throw new InvalidRequest([{ path: path.slice(0, 200), detail: 'is nested too deeply' }]);
  if (typeof value === 'string') return mustBeText(value, path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (poisonous.has(key)) throw new InvalidRequest([{ path, detail: `must not have a field ${key}` }]);
    mustBeText(key, path);
    mustBeWellFormed(item, `${path}.${key.slice(0, 60)}`, depth + 1);
  }
}

function mustBeText(text: string, path: string): void {
  if (control.test(text)) throw new InvalidRequest([{ path: path.slice(0, 200), detail: 'has a control character' }]);
  if (!text.isWellFormed())
    throw new InvalidRequest([{ path: path.slice(0, 200), detail: 'is not well-formed Unicode' }]);
}
