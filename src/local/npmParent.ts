import { commandLineOf, isRunning, parentOf, type ProcessIdentity, startTimeOf } from './processIdentity.js';

const LOOK_EVERY_MS = 500;
/** How npm and npx name themselves (`process.title`), or are started. */
const NPM = /^(npm|npx)( |$)|\/(npm|npx)(-cli\.js)?( |$)/;
/** The shell that npm runs a script in. */
const NPM_SHELL = /^\S*sh -c( |$)/;

/**
 * The npm or npx that runs this process, with the shell in between where there is one; empty where something else does.
 * npm sends a signal to its shell at most, which does not pass it on: so the end of either is all that can be seen of it.
 */
function npmParents(pid: number = process.ppid): ProcessIdentity[] {
  const parent = identityOf(pid);
  if (parent === null) return [];
  const command = commandLineOf(pid) ?? '';
  if (NPM.test(command)) return [parent];
  if (!NPM_SHELL.test(command)) return [];
  const grandparent = parentOf(pid);
  if (grandparent === null || !NPM.test(commandLineOf(grandparent) ?? '')) return [];
  const npm = identityOf(grandparent);
  return npm === null ? [] : [parent, npm];
}

/**
 * Calls back once npm or npx, if it runs this process, has ended. Does nothing where a shell, a terminal, `nohup` or
 * `setsid` runs it: their end is not meant for it.
 *
 * @returns what ends the watch
 */
export function watchNpm(onEnd: () => void, parents: readonly ProcessIdentity[] = npmParents()): () => void {
  if (parents.length === 0) return () => undefined;
  let wasGone = false;
  const timer = setInterval(() => {
    if (parents.every(isRunning)) return;
    // A closed terminal ends npm first and tells this process next: the watch may have to end before it counts.
    if (!wasGone) {
      wasGone = true;
      return;
    }
    clearInterval(timer);
    onEnd();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function identityOf(pid: number): ProcessIdentity | null {
  const startTime = startTimeOf(pid);
  return startTime === null ? null : { pid, startTime };
}
