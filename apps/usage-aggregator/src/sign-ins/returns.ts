import { longestGap } from '../store/documents.js';

/** One more, or one fewer, who came on `day` and had come last `gap` days before. */
export interface Return {
  day: number;
  gap: number;
  by: 1 | -1;
}

/** What changes of who came back when, for a person who was known to have come on some days and now came on `fresh` ones too. */
export function returnsOf(known: Iterable<number>, fresh: Iterable<number>): Return[] {
  const before = [...known];
  return [...gapsOf([...before, ...fresh], 1), ...gapsOf(before, -1)];
}

const gapsOf = (days: number[], by: 1 | -1): Return[] =>
  days
    .toSorted((a, b) => a - b)
    .map((day, at, sorted) => ({ day, gap: at === 0 ? 0 : day - sorted[at - 1]!, by }))
    .filter(({ gap }) => gap >= 1 && gap <= longestGap);
