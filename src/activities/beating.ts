import { ApplicationFailure, heartbeat } from '@temporalio/activity';
import { LoadRefused } from '../warehouse/warehouse.js';

/** Well below the heartbeat timeout of the workflows, so that a dead worker is noticed within a minute. */
const HEARTBEAT_MS = 10_000;

/** Heartbeats while `work` goes on, so that a worker that dies is noticed and a cancellation arrives. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** A broken promise does not mend by trying again. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LoadRefused) throw ApplicationFailure.nonRetryable(error.message, 'LoadRefused');
    throw error;
  }
}
