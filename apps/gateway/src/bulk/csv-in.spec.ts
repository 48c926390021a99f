import { peopleIn, strangersIn } from './csv-in.js';

describe('the people of a CSV file', () => {
  it('are in the column id, or else login', () => {
    expect(peopleIn('name,ID,login\r\nAda,00u1,ada@x\r\n"B, ""C""",00u2,b@x\r\n')).toEqual({
      by: 'id',
      named: [
        { line: 2, name: '00u1' },
        { line: 3, name: '00u2' },
      ],
    });
    expect(peopleIn('\uFEFFLogin\nada@x\n\n b@x ')).toEqual({
      by: 'login',
      named: [
        { line: 2, name: 'ada@x' },
        { line: 4, name: 'b@x' },
      ],
    });
  });

  it('may be separated by semicolons or tabs, have lines within quotes, and rows that are short', () => {
    expect(peopleIn('name;id\n"A\nda";00u1\nnobody\n;00u2')).toEqual({
      by: 'id',
      named: [
        { line: 2, name: '00u1' },
        { line: 5, name: '00u2' },
      ],
    });
    expect(peopleIn('id\tname\n00u1\tAda').named).toEqual([{ line: 2, name: '00u1' }]);
  });

  it.each(['', 'name\nAda', 'id\n"00u1', 'id\n"00u1"2'])('are refused in %j', (text) => {
    expect(() => peopleIn(text)).toThrow('$.csv');
  });

  it('are told of by their lines, a hundred of them at most', () => {
    const lines = Array.from({ length: 101 }, (_none, n) => ({ line: n + 2, name: `${n}@x` }));
    expect(strangersIn(lines.slice(0, 1), 'a login of nobody').extra.errors?.map(({ detail }) => detail)).toEqual([
      '1 line names a login of nobody. Mend it, or have it left out:',
      'line 2: "0@x"',
    ]);
    const { errors } = strangersIn(lines, 'a login of nobody').extra;
    expect(errors).toHaveLength(101);
    expect(errors?.[0]?.detail).toContain('101 lines name a login of nobody. Mend them');
    expect(errors?.[0]?.detail).toContain('The first 100');
  });

  it('take no longer than their number, whatever they are', () => {
    const started = performance.now();
    expect(peopleIn(`id,name\n${'00u1,"a ""quoted"" name"\n'.repeat(100_000)}`).named).toHaveLength(100_000);
    expect(() => peopleIn(`id\n"${'""'.repeat(1_000_000)}`)).toThrow('$.csv');
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
