import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** Failures are what many tests want; the log would bury their output. */
const logger = new DefaultLogger('ERROR');

/** An activity's environment without a server: what it is told of its run, and a way to cancel it. */
export function activityEnvironment(info: Partial<Info> = {}): MockActivityEnvironment {
  return new MockActivityEnvironment(info, { logger });
}

/** Calls an activity as a worker would. */
export function runActivity<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
  ...args: A
): Promise<R> {
  return activityEnvironment().run(activity, ...args);
}
