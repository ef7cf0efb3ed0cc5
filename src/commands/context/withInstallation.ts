import { type Installation, type RequiredComponents, openInstallation } from '../../app/installation.js';
import type { Context } from './context.js';

/**
 * Run a short command's work on a running installation, or on one that is started for the command and stopped after it.
 */
export async function withInstallation<T>(
  context: Context,
  needs: RequiredComponents,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const { config, env, signal, hurry, progress } = context;
  const installation = await openInstallation({
    config,
    env,
    needs,
    mode: 'command',
    signal,
    hurry,
    onProgress: progress,
  });
  try {
    return await abortable(work(installation), signal);
  } finally {
    await installation.close();
  }
}

/** Wrap a promise so that it also rejects as soon as the signal aborts. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
