import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** There is no token to be had; the message says what to do. */
export class NoTokenError extends Error {}

/** Takes the API token out of the environment, where everything that is started here would inherit it. */
export function takeToken(): string | undefined {
  const given = process.env.OKTA_API_TOKEN;
  delete process.env.OKTA_API_TOKEN;
  return given || undefined;
}

/** The API token of a real org, typed without being shown. Never from the command line. */
export async function askForToken(): Promise<string> {
  if (!process.stdin.isTTY) throw new NoTokenError('Set OKTA_API_TOKEN: there is no terminal to ask for the token.');
  process.stdout.write('Okta API token (Security → API → Tokens in the Admin Console; not shown while you type): ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    // While a line is read, the terminal hands on Ctrl-C as a character.
    lines.once('SIGINT', () => {
      process.emit('SIGINT');
      lines.close();
    });
    const token = (await Promise.race([lines.question(''), closed])).trim();
    if (token === '') throw new NoTokenError('No token was given.');
    return token;
  } finally {
    lines.close();
    process.stdout.write('\n');
  }
}
