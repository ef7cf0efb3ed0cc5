import { DefaultLogger, type LogLevel } from '@temporalio/worker';
import { type Logger, pino } from 'pino';

/**
 * Create the program's log: JSON lines on standard error, because standard output is for results.
 *
 * Lines that a full disk can't take are lost. pino's own destination would end the process in that case, and hang while
 * ending.
 */
export function createLog(level: string): Logger {
  if (!process.stderr.listeners('error').includes(dropLine)) process.stderr.on('error', dropLine);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, process.stderr);
}

function dropLine(): void {
  // The failure can't be reported anywhere else.
}

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Create a logger for Temporal's SDK that writes to `log`. */
export function temporalLogger(log: Logger): DefaultLogger {
  const level = (log.level === 'debug' ? 'DEBUG' : 'INFO') satisfies LogLevel;
  return new DefaultLogger(level, ({ level: entryLevel, message, meta }) => {
    log[PINO_LEVELS[entryLevel]]({ ...meta }, message);
  });
}
