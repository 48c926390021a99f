import { parseOptions, UsageError } from './options.js';

describe('the options of npm start', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({ orgUrl: undefined, people: 3000, limits: 'none', fresh: false, once: false });
  });

  it.each([['--token', 'x'], ['--token=x'], ['--api-token=x'], ['-token']])(
    'refuses a token on the command line (%s)',
    (...argv) => {
      expect(() => parseOptions(argv)).toThrow(/never taken from the command line/);
    },
  );

  it.each([
    ['--people', '0'],
    ['--people', '1.5'],
    ['--people', 'many'],
    ['--limits', 'some'],
    ['--unknown'],
    ['stray'],
  ])('refuses %s %s', (...argv) => {
    expect(() => parseOptions(argv.filter(Boolean))).toThrow(UsageError);
  });
});
