/**
 * Does the checks side by side in a process of its own, and sends what each found to the process that started it, as a
 * {@link CheckMessage}.
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
  /** What reads the home waits for this: reading a disk that never answers would hold up this process. */
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

/** A record that can't be read is a finding of the check "running". */
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

/** Lets a check look. What it throws, another check may know more of. */
async function lookBy(work: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      unknown(
        `It can't be told: ${message}`,
        'Look at the other lines first; where they are well, look at this part by hand.',
      ),
    ];
  }
}

/** Addresses in messages may hold a password. */
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
    // The check of settings tells why.
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
