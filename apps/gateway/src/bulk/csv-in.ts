import { InvalidRequest } from '@seatwise/contracts';

/** Whom a file names: by one of these columns, the ids where it has both. */
export interface NamedPeople {
  by: 'id' | 'login';
  names: string[];
}

export const wrongCsv = (detail: string): InvalidRequest => new InvalidRequest([{ path: '$.csv', detail }]);

/** The people of a CSV file (RFC 4180; semicolons and tabs are taken for commas where the first line has them). */
export function peopleIn(text: string): NamedPeople {
  const csv = text.replace(/^\uFEFF/, '');
  const head = /^[^\r\n]*/.exec(csv)![0];
  const delimiter = [',', ';', '\t'].find((one) => head.includes(one)) ?? ',';
  const rows = rowsOf(csv, delimiter);
  const { value: titles = [] } = rows.next() as { value?: string[] };
  const columns = titles.map((title) => title.trim().toLowerCase());
  const by = (['id', 'login'] as const).find((name) => columns.includes(name));
  if (!by) throw wrongCsv('its first line must name a column id or login');
  const at = columns.indexOf(by);
  const names: string[] = [];
  for (const row of rows) {
    const name = row[at]?.trim() ?? '';
    if (name !== '') names.push(name);
  }
  return { by, names };
}

function* rowsOf(text: string, delimiter: string): Generator<string[]> {
  const quotedOrPlain = `"([^"]*(?:""[^"]*)*)"|([^"\\r\\n${delimiter}][^\\r\\n${delimiter}]*)?`;
  const field = new RegExp(`(?:${quotedOrPlain})(${delimiter}|\\r\\n|\\n|\\r|$)`, 'y');
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (!found) throw wrongCsv('it is not well-formed: a quote is missing or too many');
    const [, quoted, plain = '', end] = found;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === delimiter) continue;
    yield row;
    row = [];
  }
  if (row.length > 0) yield row;
}
