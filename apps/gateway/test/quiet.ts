// Imported before everything else: the loggers read their level when they are made.
process.env.LOG_LEVEL ??= 'silent';
