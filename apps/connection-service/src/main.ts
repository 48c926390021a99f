import { loadConfig, main, runService, startTelemetry } from '@seatwise/observability';

main('connection-service', async () => {
  await startTelemetry('connection-service');
  const [{ ConnectionConfig }, { connectionServiceWith }] = await Promise.all([
    import('./config.js'),
    import('./connection-service.module.js'),
  ]);
  const config = loadConfig(ConnectionConfig);
  await runService({ module: connectionServiceWith(config), port: config.httpPort, host: config.host });
});
