import { fork } from 'node:child_process';
import { compiledFile } from '../../runtime/paths.js';
import { EXIT_STATUS, type StatusLevel } from '../../domain/statusFindings.js';
import { briefLine } from './briefLine.js';
import type { StatusReport } from './statusReport.js';

export interface StatusCommandOptions {
  json?: boolean;
  brief?: boolean;
}

/** How long all of it may take. A Redshift that sleeps needs half a minute to wake. */
const LIMIT_MS = 45_000;
/** Monitors end a check after 10 s: the whole, and each source. */
const BRIEF_LIMIT_MS = 9_500;
const BRIEF_SOURCE_MS = 5_000;

/**
 * `ladepuls status`: what runs, how fresh the data are, and what is not well. Starts nothing. The exit status is that
 * of the level ({@link EXIT_STATUS}). Whatever is broken, it ends in time and without a stack trace.
 */
export async function status(env: NodeJS.ProcessEnv, options: StatusCommandOptions): Promise<void> {
  const report = await look(env, options.brief === true);
  const level: StatusLevel = 'failed' in report ? 'unknown' : report.status.level;
  process.exitCode = EXIT_STATUS[level];
  if ('failed' in report && !options.brief)
    process.stderr.write(`ladepuls: The status can't be told: ${report.failed}\n`);
  else process.stdout.write(textOf(report, options));
}

function textOf(report: StatusReport, { json, brief }: StatusCommandOptions): string {
  if ('failed' in report) return briefLine('unknown', report.failed);
  if (json) return `${JSON.stringify(report.status)}\n`;
  return brief ? report.brief : report.text;
}

/** Has a process look, and ends it: once it has told, or after the time limit. */
function look(env: NodeJS.ProcessEnv, isBrief: boolean): Promise<StatusReport> {
  const limitMs = isBrief ? BRIEF_LIMIT_MS : LIMIT_MS;
  return new Promise((resolve) => {
    const child = fork(compiledFile('commands/status/process.js'), isBrief ? [String(BRIEF_SOURCE_MS)] : [], {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const settle = (report: StatusReport) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      if (child.connected) child.disconnect();
      child.unref();
      resolve(report);
    };
    const timer = setTimeout(
      () => settle({ failed: `nothing was found out within ${limitMs / 1000} s` }),
      limitMs,
    );
    child.on('message', (report) => settle(report as StatusReport));
    child.on('error', (error) => settle({ failed: error.message }));
    child.on('exit', (code, signal) =>
      settle({ failed: `the process that looks ended by itself (${signal ?? `exit status ${code}`})` }),
    );
  });
}
