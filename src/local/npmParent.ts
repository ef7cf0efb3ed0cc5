import { commandLineOf, isRunning, parentOf, type ProcessIdentity, startTimeOf } from './processIdentity.js';

const LOOK_EVERY_MS = 500;
/** Command lines of npm and npx: as they name themselves (`process.title`), or as they are started. */
const NPM = /^(npm|npx)( |$)|\/(npm|npx)(-cli\.js)?( |$)/;
/** Command line of the shell in which npm runs a script. */
const NPM_SHELL = /^\S*sh -c( |$)/;

/**
 * Find the npm or npx that runs this process, and the shell in between, if any. Empty if another program runs this
 * process.
 *
 * npm sends signals only to its shell, which does not pass them on. Therefore the end of npm or of its shell is the
 * only sign that npm was stopped.
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
 * Call `onEnd` once, when the npm or npx that runs this process has ended. Does nothing if a shell, a terminal, `nohup`
 * or `setsid` runs the process, because their end must not stop it.
 *
 * @returns a function that ends the watch
 */
export function watchNpm(onEnd: () => void, parents: readonly ProcessIdentity[] = npmParents()): () => void {
  if (parents.length === 0) return () => undefined;
  let wasGone = false;
  const timer = setInterval(() => {
    if (parents.every(isRunning)) return;
    // A closed terminal ends npm first and sends SIGHUP to this process next, which may end the watch. Therefore the
    // end of npm counts only at the second look.
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
