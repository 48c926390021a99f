import { problems, type ProblemCode, type ProblemFacts } from './problems.js';

const kinds = Object.entries(problems) as [ProblemCode, ProblemFacts][];

describe('the kinds of problems', () => {
  it.each(kinds)('says of %s in sentences what it means and what to do', (_code, { title, means, remedy }) => {
    expect(title).toMatch(/^[A-Z].*\w$/);
    expect(title.length).toBeLessThanOrEqual(200);
    for (const text of [means, remedy]) {
      expect(text).toMatch(/^[A-Z].{15,298}[.…`]$/);
      expect(text).not.toBe(title);
    }
  });

  it('gives no two codes the same title', () => {
    expect(new Set(kinds.map(([, { title }]) => title)).size).toBe(kinds.length);
  });
});
