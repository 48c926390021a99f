import { loadConfig, main, runService, startTelemetry } from '@seatwise/observability';

main('action-service', async () => {
  await startTelemetry('action-service');
  const [{ ActionConfig }, { actionServiceWith }] = await Promise.all([
    import('./config.js'),
    import('./action-service.module.js'),
  ]);
  const config = loadConfig(ActionConfig);
  await runService({ module: actionServiceWith(config), port: config.httpPort, host: config.host });
});
