import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from './options.js';

/** The API token of a real org: from the environment, or typed without being shown. Never from the command line. */
export async function readToken(): Promise<string> {
  const given = process.env.OKTA_API_TOKEN;
  if (given) return given;
  if (!process.stdin.isTTY) throw new UsageError('Set OKTA_API_TOKEN: there is no terminal to ask for the token.');
  process.stdout.write('Okta API token (Security → API → Tokens in the Admin Console; not shown while you type): ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  const token = await lines.question('').finally(() => lines.close());
  process.stdout.write('\n');
  return token.trim();
}
