/** Ends an operator's command that cannot go on, with a sentence that says what to do. */
export function giveUp(sentence: string): never {
  console.error(sentence);
  return process.exit(1);
}
