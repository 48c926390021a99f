import { loadConfig, main, runService, startTelemetry } from '@seatwise/observability';

main('gateway', async () => {
  // Before the rest is loaded: what is to be traced is hooked into while it loads.
  await startTelemetry('gateway');
  const [{ GatewayConfig }, { gatewayWith }, { furnish }] = await Promise.all([
    import('./config.js'),
    import('./gateway.module.js'),
    import('./furnish.js'),
  ]);
  const config = loadConfig(GatewayConfig);
  await runService({
    module: gatewayWith(config),
    port: config.httpPort,
    host: config.host,
    prepare: (app) => furnish(app, config),
  });
});
