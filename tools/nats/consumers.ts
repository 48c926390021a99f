import type { OutsideConsumer } from '@seatwise/contracts';

/** Thrown with a sentence that says what to type instead. */
export class UsageError extends Error {}

/** What a reader is called. */
export const readerName = /^[a-z][a-z0-9-]{0,39}$/;

/** Reads `NAME=WORKSPACE`; both become parts of subjects and of a configuration, so they are held to what ids look like. */
export function consumerOf(text: string): OutsideConsumer {
  const [, name = '', workspace] = /^([^=]*)=(ws_[0-9a-z]{25})$/.exec(text) ?? [];
  if (!readerName.test(name) || !workspace)
    throw new UsageError(
      `--consumer takes NAME=WORKSPACE, such as warehouse=ws_…: a name of small letters, digits and -, and the id of a workspace; not ${text}.`,
    );
  return { name, workspace };
}

/** What a reader may be called. */
export function readerNameOf(text: string): string {
  if (!readerName.test(text))
    throw new UsageError(`The name of a reader is of small letters, digits and -, such as warehouse; not ${text}.`);
  return text;
}
