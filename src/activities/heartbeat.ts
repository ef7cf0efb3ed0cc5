import { heartbeat } from '@temporalio/activity';

/**
 * Interval of heartbeats in milliseconds: well below the heartbeat timeout of the workflows, so that a dead worker is
 * noticed within a minute.
 */
const HEARTBEAT_MS = 10_000;

/** Send heartbeats during `work`, so that Temporal notices a dead worker, and the activity receives a cancellation. */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
