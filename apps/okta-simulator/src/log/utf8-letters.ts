/**
 * Text as its UTF-8 bytes, a letter each. Events are put together from such pieces, for a page of two megabytes is then
 * one copy away from its bytes; encoding it anew took twice as long as making it.
 */
export const toLetters = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Back to text. */
export const fromLetters = (letters: string): string => Buffer.from(letters, 'latin1').toString('utf8');
