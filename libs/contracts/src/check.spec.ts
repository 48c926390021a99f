import { IsIn, MaxLength } from 'class-validator';
import { check } from './check.js';
import { InConnection } from './fields.js';
import { InvalidRequest, shortened } from './problems.js';

const many = Array.from({ length: 60 }, (_none, n) => `choice_${n}`);

class Chosen extends InConnection {
  @IsIn(many)
  choice!: string;

  @MaxLength(3)
  text!: string;
}

function errorsOf(plain: object) {
  try {
    check(Chosen, plain);
  } catch (error) {
    if (error instanceof InvalidRequest) return error.extra.errors ?? [];
    throw error;
  }
  return [];
}

describe('what is said of a field that does not fit', () => {
  const errors = errorsOf({ workspace: 'no', connection: 'no', choice: 'no', text: 'none' });
  const of = (path: string) => errors.find((error) => error.path === path)!;

  it('names the kind of id that is meant', () => {
    expect(of('$.workspace').detail).toBe('workspace must be an id such as ws_01hf3k…');
    expect(of('$.connection').detail).toBe('connection must be an id such as con_01hf3k…');
  });

  it('cuts a long list between two of its words', () => {
    const { detail } = of('$.choice');
    expect(detail.length).toBeLessThanOrEqual(300);
    expect(detail).toMatch(/ choice_\d+ …$/);
    const [, last = ''] = / (choice_\d+) …$/.exec(detail) ?? [];
    expect(many).toContain(last);
    expect(detail).not.toContain(many[many.indexOf(last) + 1]);
  });

  it('names the rule', () => expect(of('$.text')).toMatchObject({ rule: 'maxLength' }));

  it('is left as it is where it fits, and cut anywhere only where it is one word', () => {
    expect(shortened('a b', 3)).toBe('a b');
    expect(shortened('abcdef', 5)).toBe('abc …');
  });
});
