import { Seatwise, type TestOrg } from '../harness/seatwise.js';
import { orgForActions, tableOf } from './table.js';

console.log(
  'Every action from every status, and every refusal, through the gateway on a simulated org (half a minute) …',
);
const seatwise = await Seatwise.start([orgForActions]);
try {
  const [org] = seatwise.orgs as [TestOrg];
  const { api } = await seatwise.workspace('Actions');
  const { id } = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
  const rows = await tableOf(api, id, org);
  console.table(
    rows.map(({ asDocumented, documented, ...row }) => ({
      ...row,
      documented: asDocumented ? 'as documented' : documented,
    })),
  );
  const wrong = rows.filter(({ asDocumented }) => !asDocumented).length;
  console.log(`${rows.length} cases, ${wrong} otherwise than documented`);
  process.exitCode = wrong > 0 ? 1 : 0;
} finally {
  await seatwise.stop();
}
