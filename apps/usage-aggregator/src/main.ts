import { loadConfig, main, runService, startTelemetry } from '@seatwise/observability';

main('usage-aggregator', async () => {
  // Before the rest is loaded: what is to be traced is hooked into while it loads.
  await startTelemetry('usage-aggregator');
  const [{ UsageConfig }, { usageWith }] = await Promise.all([import('./config.js'), import('./usage.module.js')]);
  const config = loadConfig(UsageConfig);
  await runService({ module: usageWith(config), port: config.httpPort, host: config.host });
});
