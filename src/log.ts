import { DefaultLogger, type LogLevel } from '@temporalio/worker';
import { type Logger, pino } from 'pino';

/** The program's own log: JSON lines on standard error, so that standard output stays for answers. */
export function createLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Temporal's SDK writing into the same log. */
export function temporalLogger(log: Logger): DefaultLogger {
  const level = (log.level === 'debug' ? 'DEBUG' : 'INFO') satisfies LogLevel;
  return new DefaultLogger(level, ({ level: entryLevel, message, meta }) => {
    log[PINO_LEVELS[entryLevel]]({ ...meta }, message);
  });
}
