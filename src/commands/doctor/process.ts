/**
 * Entry point of the child process that runs the checks side by side. It sends the findings of each check to its
 * parent process, as a {@link CheckMessage}.
 *
 * Started by {@link file://./examine.ts} as `node process.js`.
 */
import { stat } from 'node:fs/promises';
import { oneLine } from '../../domain/oneLine.js';
import { withShownUrls } from '../../domain/shownUrl.js';
import { type HomeOwner, readOwner } from '../../local/homeLock.js';
import { type Config, readConfig } from '../../settings/config.js';
import { StatusReader } from '../status/reader.js';
import { askCollectedFeeds } from './askedFeeds.js';
import type { Check, Subject } from './check.js';
import type { CheckMessage } from './examine.js';
import { type Finding, unknown } from './finding.js';
import { CHECKS } from './registry.js';

const STATUS_SOURCE_MS = 8_000;

function makeSubject(env: NodeJS.ProcessEnv, config: Config): Subject {
  /**
   * Waits for the disk of the home without blocking. The synchronous reads after it would block this process when the
   * disk never responds.
   */
  const homeAnswers = once(() => stat(config.general.home).catch(() => undefined));
  return {
    env,
    config,
    owner: once(async () => {
      await homeAnswers();
      return ownerOf(config.general.home);
    }),
    status: once(async () => {
      await homeAnswers();
      return new StatusReader({ config, env }, { timeoutMs: STATUS_SOURCE_MS }).read();
    }),
    askFeeds: once(() => askCollectedFeeds(config, env)),
  };
}

/** Read which process owns the home directory. An unreadable record becomes null: the check "running" reports it. */
function ownerOf(home: string): HomeOwner | null {
  try {
    return readOwner(home);
  } catch {
    return null;
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

/** Run a check. An error that it throws becomes a finding with state `unknown`. */
async function lookBy(work: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      unknown(
        `This check failed: ${message}`,
        'Look at the other lines first; where they are well, look at this part by hand.',
      ),
    ];
  }
}

/** Send findings without the passwords that addresses in messages may hold. */
function send(check: Check, findings: Finding[]): void {
  const shown = findings.map((finding) => ({
    ...finding,
    message: oneLine(withShownUrls(finding.message)),
  }));
  process.send?.({ index: CHECKS.indexOf(check), findings: shown } satisfies CheckMessage);
}

async function lookAtAll(env: NodeJS.ProcessEnv): Promise<void> {
  let subject: Subject | null = null;
  try {
    subject = makeSubject(env, readConfig(env));
  } catch {
    // The check "settings" reports the reason.
  }
  await Promise.all(
    CHECKS.map(async (check) => {
      if (check.needs === 'environment') send(check, await lookBy(() => check.look(env)));
      else send(check, subject ? await lookBy(() => check.look(subject)) : []);
    }),
  );
}

process.on('disconnect', () => process.exit());
await lookAtAll(process.env);
