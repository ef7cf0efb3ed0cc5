import { DefaultLogger, type LogLevel } from '@temporalio/worker';
import { type Logger, pino } from 'pino';

/**
 * Makes the program's own log: JSON lines on standard error, so that standard output stays for answers. Lines that a full
 * disk does not take are lost. pino's own destination would end the process then, and hang while it ends.
 */
export function createLog(level: string): Logger {
  if (!process.stderr.listeners('error').includes(dropLine)) process.stderr.on('error', dropLine);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, process.stderr);
}

function dropLine(): void {
  // There is nowhere else to tell it.
}

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Temporal's SDK writing into the same log. */
export function temporalLogger(log: Logger): DefaultLogger {
  const level = (log.level === 'debug' ? 'DEBUG' : 'INFO') satisfies LogLevel;
  return new DefaultLogger(level, ({ level: entryLevel, message, meta }) => {
    log[PINO_LEVELS[entryLevel]]({ ...meta }, message);
  });
}
