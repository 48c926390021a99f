import { OptionError } from './options.js';
import { settingsFrom } from './settings-from.js';
import { startSimulator } from './start.js';

try {
  const running = await startSimulator(settingsFrom(process.env, process.argv.slice(2)));
  console.log(JSON.stringify({ url: running.url, control: `${running.url}/control` }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.close());
} catch (error) {
  if (!(error instanceof OptionError) && !(error instanceof Error && 'code' in error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
