import { peopleIn } from './csv-in.js';

describe('the people of a CSV file', () => {
  it('are in the column id, or else login', () => {
    expect(peopleIn('name,ID,login\r\nAda,00u1,ada@x\r\n"B, ""C""",00u2,b@x\r\n')).toEqual({
      by: 'id',
      names: ['00u1', '00u2'],
    });
    expect(peopleIn('\uFEFFLogin\nada@x\n\n b@x ')).toEqual({ by: 'login', names: ['ada@x', 'b@x'] });
  });

  it('may be separated by semicolons or tabs, have lines within quotes, and rows that are short', () => {
    expect(peopleIn('name;id\n"A\nda";00u1\nnobody\n;00u2')).toEqual({ by: 'id', names: ['00u1', '00u2'] });
    expect(peopleIn('id\tname\n00u1\tAda').names).toEqual(['00u1']);
  });

  it.each(['', 'name\nAda', 'id\n"00u1', 'id\n"00u1"2'])('are refused in %j', (text) => {
    expect(() => peopleIn(text)).toThrow('$.csv');
  });

  it('take no longer than their number, whatever they are', () => {
    const started = performance.now();
    expect(peopleIn(`id,name\n${'00u1,"a ""quoted"" name"\n'.repeat(100_000)}`).names).toHaveLength(100_000);
    expect(() => peopleIn(`id\n"${'""'.repeat(1_000_000)}`)).toThrow('$.csv');
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
