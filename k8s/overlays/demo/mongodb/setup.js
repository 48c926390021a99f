// For mongosh, as root: makes the replica set of one, and a user for each service who may use the service's own database
// alone. Run again it changes nothing but passwords that are new.
const databases = {
  gateway: 'gateway',
  'connection-service': 'connections',
  'sync-service': 'directory',
  'usage-aggregator': 'usage',
  'action-service': 'actions',
};

try {
  rs.status();
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error;
  rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: process.env.MONGODB_HOSTS }] });
}
while (!db.hello().isWritablePrimary) sleep(200);

const admin = db.getSiblingDB('admin');
for (const [user, database] of Object.entries(databases)) {
  const pwd = process.env[`${user.toUpperCase().replaceAll('-', '_')}_MONGODB_PASSWORD`];
  if (!pwd) throw new Error(`no password for ${user}`);
  const roles = [{ role: 'readWrite', db: database }];
  if (admin.getUser(user)) admin.updateUser(user, { pwd, roles });
  else admin.createUser({ user, pwd, roles });
}
print('replica set and users are there');
