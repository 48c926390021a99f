import { Seatwise } from '../harness/seatwise.js';
import { orgsForTable, tableOf } from './table.js';

console.log(
  'Every action from every status, and every refusal, through the gateway on simulated orgs (a minute and a half) …',
);
const seatwise = await Seatwise.start(orgsForTable);
try {
  const rows = await tableOf(seatwise);
  console.table(
    rows.map(({ wrong, documented, code: _code, ...row }) => ({
      ...row,
      documented: wrong.length === 0 ? 'as documented' : documented,
    })),
  );
  const otherwise = rows.filter(({ wrong }) => wrong.length > 0);
  for (const { action, from, wrong } of otherwise) console.log(`${action}, ${from}:\n  ${wrong.join('\n  ')}`);
  console.log(`${rows.length} cases, ${otherwise.length} otherwise than documented`);
  process.exitCode = otherwise.length > 0 ? 1 : 0;
} finally {
  await seatwise.stop();
}
