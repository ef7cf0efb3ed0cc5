import { heartbeat } from '@temporalio/activity';

/** Well below the heartbeat timeout of the workflows, so that a dead worker is noticed within a minute. */
const HEARTBEAT_MS = 10_000;

/** Heartbeats while `work` goes on, so that a worker that dies is noticed and a cancellation arrives. */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
