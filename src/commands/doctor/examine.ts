import { fork } from 'node:child_process';
import { compiledFile } from '../../runtime/paths.js';
import { ProgressLine } from '../console/progressLine.js';
import type { JsonOption } from '../declaration/jsonOption.js';
import { LIMIT_SECONDS } from './check.js';
import { EXIT_STATUSES, type Finding, unknown, worstState } from './finding.js';
import { CHECKS } from './registry.js';
import { describeExamined, type Examined } from './text.js';

const SHOW_EVERY_MS = 500;

/** Message from the process of the checks: the findings of one check, by its index in {@link CHECKS}. */
export interface CheckMessage {
  index: number;
  findings: Finding[];
}

/**
 * Run all checks side by side, and print their findings in the order of {@link CHECKS} (`ladepuls doctor`).
 * The exit status is that of the worst finding ({@link EXIT_STATUSES}).
 */
export async function examine(env: NodeJS.ProcessEnv, { json }: JsonOption): Promise<void> {
  const examined = await look(env);
  process.exitCode = EXIT_STATUSES[worstState(examined.map(({ state }) => state))];
  process.stdout.write(json ? `${JSON.stringify(examined)}\n` : describeExamined(examined));
}

/**
 * Run the checks in a child process, and kill the process after the time limits.
 * A disk that never responds would block this process; that way, it blocks the child process only.
 */
async function look(env: NodeJS.ProcessEnv): Promise<Examined[]> {
  const found = new Map<number, Finding[]>();
  const child = fork(compiledFile('commands/doctor/process.js'), [], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const line = new ProgressLine();
  const showing = setInterval(() => line.show(() => `Looking at ${waitedFor(found)} …`), SHOW_EVERY_MS);
  const timers: NodeJS.Timeout[] = [];
  try {
    await new Promise<void>((resolve) => {
      const settle = (index: number, findings: Finding[]) => {
        if (!found.has(index)) found.set(index, findings);
        if (found.size === CHECKS.length) resolve();
      };
      const giveUp = (reason: string) => CHECKS.forEach((_, index) => settle(index, [notTold(reason)]));
      CHECKS.forEach(({ limitSeconds = LIMIT_SECONDS }, index) =>
        timers.push(
          setTimeout(
            () => settle(index, [notTold(`no answer within ${limitSeconds} s`)]),
            limitSeconds * 1000,
          ),
        ),
      );
      child.on('message', (message) => {
        const { index, findings } = message as CheckMessage;
        settle(index, findings);
      });
      child.on('error', (error) => giveUp(error.message));
      child.on('exit', (code, signal) =>
        giveUp(`the process that looks ended (${signal ?? `status ${code}`})`),
      );
    });
  } finally {
    clearInterval(showing);
    timers.forEach(clearTimeout);
    line.clear();
    child.kill('SIGKILL');
    if (child.connected) child.disconnect();
    child.unref();
  }
  return CHECKS.flatMap(({ name }, index) =>
    (found.get(index) ?? []).map((finding) => ({ check: name, ...finding })),
  );
}

function waitedFor(found: ReadonlyMap<number, Finding[]>): string {
  return CHECKS.filter((_, index) => !found.has(index))
    .map(({ name }) => name)
    .join(', ');
}

function notTold(reason: string): Finding {
  return unknown(
    `This check failed: ${reason}.`,
    'Look whether a disk or a host that it needs answers, such as a disk that is mounted from elsewhere.',
  );
}
