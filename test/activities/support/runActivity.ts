import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** Logs errors only, because many tests provoke failures whose log would hide the tests' output. */
const logger = new DefaultLogger('ERROR');

/** Create the environment of an activity without a server: the information on its run, and a way to cancel it. */
export function activityEnvironment(info: Partial<Info> = {}): MockActivityEnvironment {
  return new MockActivityEnvironment(info, { logger });
}

/** Call an activity as a worker does. */
export function runActivity<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
  ...args: A
): Promise<R> {
  return activityEnvironment().run(activity, ...args);
}
