import { InvalidRequest } from '@seatwise/contracts';

/** A person as a file names them, and in which of its lines, from 1. */
export interface Named {
  line: number;
  name: string;
}

/** Whom a file names: by one of these columns, the ids where it has both. */
export interface NamedPeople {
  by: 'id' | 'login';
  named: Named[];
}

/** How many lines are told of one by one. */
const linesTold = 100;

export const wrongCsv = (detail: string): InvalidRequest => new InvalidRequest([{ path: '$.csv', detail }]);

/** The people of a CSV file (RFC 4180; semicolons and tabs are taken for commas where the first line has them). */
export function peopleIn(text: string): NamedPeople {
  const csv = text.replace(/^\uFEFF/, '');
  const head = /^[^\r\n]*/.exec(csv)![0];
  const delimiter = [',', ';', '\t'].find((one) => head.includes(one)) ?? ',';
  const rows = rowsOf(csv, delimiter);
  const first = rows.next();
  const columns = (first.done ? [] : first.value.row).map((title) => title.trim().toLowerCase());
  const by = (['id', 'login'] as const).find((name) => columns.includes(name));
  if (!by) throw wrongCsv('its first line must name a column id or login');
  const at = columns.indexOf(by);
  const named: Named[] = [];
  for (const { line, row } of rows) {
    const name = row[at]?.trim() ?? '';
    if (name !== '') named.push({ line, name });
  }
  return { by, named };
}

/** Refuses these lines: how many they are, and each of the first hundred. */
export function strangersIn(lines: Named[], what: string): InvalidRequest {
  const [subject, them] =
    lines.length === 1 ? ['1 line names', 'it'] : [`${lines.length.toLocaleString('en')} lines name`, 'them'];
  const told = lines.slice(0, linesTold);
  const rest = lines.length - told.length;
  return new InvalidRequest([
    {
      path: '$.csv',
      detail: `${subject} ${what}. Mend ${them}, or have ${them} left out${rest > 0 ? `. The first ${linesTold}` : ''}:`,
    },
    ...told.map(({ line, name }) => ({ path: '$.csv', detail: `line ${line}: ${JSON.stringify(name.slice(0, 100))}` })),
  ]);
}

function* rowsOf(text: string, delimiter: string): Generator<{ line: number; row: string[] }> {
  const quotedOrPlain = `"([^"]*(?:""[^"]*)*)"|([^"\\r\\n${delimiter}][^\\r\\n${delimiter}]*)?`;
  const field = new RegExp(`(?:${quotedOrPlain})(${delimiter}|\\r\\n|\\n|\\r|$)`, 'y');
  let row: string[] = [];
  let line = 1;
  let breaks = 0;
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (!found) throw wrongCsv('it is not well-formed: a quote is missing or too many');
    const [, quoted, plain = '', end] = found;
    breaks += found[0].match(/\r\n|\n|\r/g)?.length ?? 0;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === delimiter) continue;
    yield { line, row };
    row = [];
    line += breaks;
    breaks = 0;
  }
  if (row.length > 0) yield { line, row };
}
