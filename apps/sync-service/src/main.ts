import { loadConfig, main, runService, startTelemetry } from '@seatwise/observability';

main('sync-service', async () => {
  await startTelemetry('sync-service');
  const [{ SyncConfig }, { syncServiceWith }] = await Promise.all([
    import('./config.js'),
    import('./sync-service.module.js'),
  ]);
  const config = loadConfig(SyncConfig);
  await runService({ module: syncServiceWith(config), port: config.httpPort, host: config.host });
});
