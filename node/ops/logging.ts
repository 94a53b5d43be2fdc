import { type DestinationStream, destination, type Logger, type LoggerOptions, pino, stdSerializers } from 'pino';

/** Levels that a configuration may name, quietest first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields that hold secrets wherever they stand in a record: shown as `[redacted]`. */
const REDACTED_FIELDS = ['password', 'privateKey', 'secret', 'token', 'authorization'];

export interface LoggingOptions {
  readonly level: LogLevel;
  /** A file to append to; standard error when undefined. */
  readonly file?: string;
  /** Stands in each record: which node speaks. */
  readonly node: string;
}

/**
 * JSON records, one a line, with a stable `event` name each, ISO timestamps and no secrets. Writing is asynchronous to a
 * file and synchronous to standard error.
 */
export function createLogger(options: LoggingOptions): { readonly logger: Logger; flush(): void } {
  const target =
    options.file === undefined
      ? destination({ dest: 2, sync: true })
      : destination({ dest: options.file, sync: false, minLength: 0, mkdir: true });
  const logger = pino(loggerOptions(options), target as DestinationStream);
  return {
    logger,
    flush: () => {
      target.flushSync();
    },
  };
}

function loggerOptions(options: LoggingOptions): LoggerOptions {
  return {
    level: options.level,
    base: { node: options.node },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: stdSerializers.err },
    redact: { paths: REDACTED_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
}
