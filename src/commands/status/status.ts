import { fork } from 'node:child_process';
import { compiledFile } from '../../runtime/paths.js';
import { EXIT_STATUS, type StatusLevel } from '../../domain/statusFindings.js';
import { briefLine } from './briefLine.js';
import type { StatusReport } from './statusReport.js';

export interface StatusCommandOptions {
  json?: boolean;
  brief?: boolean;
}

/** Time limit of the whole command. A sleeping Redshift needs 30 seconds to wake. */
const LIMIT_MS = 45_000;
/** Time limits of `--brief` for the whole command and for each source. Monitors end a check after 10 seconds. */
const BRIEF_LIMIT_MS = 9_500;
const BRIEF_SOURCE_MS = 5_000;

/**
 * Print what runs, how fresh the data are, and what is wrong (`ladepuls status`).
 * Starts nothing. The exit status is that of the level ({@link EXIT_STATUS}). The command always ends within its time
 * limit and never prints a stack trace, whatever is broken.
 */
export async function status(env: NodeJS.ProcessEnv, options: StatusCommandOptions): Promise<void> {
  const report = await look(env, options.brief === true);
  const level: StatusLevel = 'failed' in report ? 'unknown' : report.status.level;
  process.exitCode = EXIT_STATUS[level];
  if ('failed' in report && !options.brief)
    process.stderr.write(`ladepuls: The status can't be determined: ${report.failed}\n`);
  else process.stdout.write(textOf(report, options));
}

function textOf(report: StatusReport, { json, brief }: StatusCommandOptions): string {
  if ('failed' in report) return briefLine('unknown', report.failed);
  if (json) return `${JSON.stringify(report.status)}\n`;
  return brief ? report.brief : report.text;
}

/** Read the status in a child process. Kill the process after its report or after the time limit. */
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
