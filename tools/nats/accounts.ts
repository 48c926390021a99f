import { natsAccounts, type NatsLogin, type OutsideConsumer } from '@seatwise/contracts';

/** Where the accounts of docker-compose.yml and of the demo on Kubernetes are. */
export const committed = 'k8s/overlays/demo/nats/accounts.conf';

const head = `# Who may connect, and what each may say and hear: made of libs/contracts/src/access.ts by
# \`npm run nats -- accounts --write\`, not by hand. What follows a dollar is in the environment of nats-server.
`;

/** The file that nats.conf includes. */
export const accountsFile = (options: { consumers?: OutsideConsumer[]; login?: NatsLogin } = {}): string =>
  head + natsAccounts(options);
