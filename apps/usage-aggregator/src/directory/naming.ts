import type { Naming } from '../store/documents.js';

/** How text is compared: whatever its case and its way of writing an accent in Unicode. */
export const keyOf = (text: string): string => text.normalize('NFKC').toLowerCase();

/** A text's words as a search finds them by their beginnings: whole, and the parts between other characters. */
const wordsOf = (text: string): string[] =>
  keyOf(text)
    .split(/\s+/)
    .flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)])
    .filter((word) => word !== '');

/** How a person is named, sorted and found. */
export const namingOf = ({ name, login, email }: { name: string; login: string; email: string }): Naming => ({
  name,
  nameKey: keyOf(name),
  words: [...new Set([name, login, email].flatMap(wordsOf))],
  login,
  email,
  emailKey: keyOf(email),
});

/** Text as a pattern that matches just itself. */
export const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);

/** The conditions on `words` for a search: each of its words, the longest first, begins one of them. */
export const searchFor = (search: string | undefined): object[] =>
  keyOf(search ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .toSorted((a, b) => b.length - a.length)
    .map((word) => ({ words: { $regex: `^${literally(word)}` } }));
