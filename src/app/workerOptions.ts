import type { TunerHolder, WorkerOptions } from '@temporalio/worker';
import type { Config } from '../settings/config.js';
import { QUEUES } from '../temporal/names.js';

/** Polls at once in one worker; few of them to one host. */
const POLL_SLOTS = 24;
/** A slot run takes in its answers one part after the other; a late one may meet the next one's. */
const CURRENT_SLOTS = 2;
/** Temporal's default; workflow tasks are short. */
const WORKFLOW_TASK_SLOTS = 40;
/** A thread's step, and one that waits for the warehouse or S3 meanwhile. */
const STEPS_A_THREAD = 2;
/**
 * Least time between two slots. The SDK sleeps for all of it, even where a slot becomes free meanwhile, and many a step
 * takes 20 ms.
 */
const BETWEEN_SLOTS = '10 ms';

/** Twice the processors that there are. */
const NEVER_IN_USE = 2;

/** Of a stopping worker: a poll takes a minute at most, a load's steps notice the cancellation. */
const SHUTDOWN = { shutdownGraceTime: '20 seconds', shutdownForceTime: '28 seconds' } as const;

/** How the settings want a queue's worker: where it polls, how much it does at once, and as which version. */
export function workerOptions(queue: keyof typeof QUEUES, config: Config) {
  return {
    ...SHUTDOWN,
    taskQueue: QUEUES[queue],
    // Workflows here only wait for activities: one thread each is plenty, and each costs tens of megabytes.
    workflowThreadPoolSize: 1,
    maxCachedWorkflows: 50,
    ...slots(queue, config),
    ...version(config.worker),
  } satisfies WorkerOptions;
}

function slots(queue: keyof typeof QUEUES, config: Config): { tuner: TunerHolder } {
  switch (queue) {
    case 'acquire':
      // A poll takes next to nothing, and waits for nobody.
      return { tuner: tuner({ type: 'fixed-size', numSlots: POLL_SLOTS }) };
    case 'load':
      return { tuner: tuner(loadSlots(config.worker)) };
    case 'current':
      return { tuner: tuner({ type: 'fixed-size', numSlots: CURRENT_SLOTS }) };
  }
}

/**
 * Two steps a thread are always taken, so that a load goes on however busy the machine is; further ones, up to the
 * bound, while there is room. Those the SDK gives only when it has measured anew, ten times a second. By default the
 * room is memory's: loads are there to use the processors, and threads bound that.
 */
function loadSlots({
  loadSlots,
  threads,
  memoryTarget,
  cpuTarget,
}: Config['worker']): TunerHolder['activityTaskSlotSupplier'] {
  return {
    type: 'resource-based',
    minimumSlots: Math.min(STEPS_A_THREAD * threads, loadSlots),
    maximumSlots: loadSlots,
    rampThrottle: BETWEEN_SLOTS,
    tunerOptions: { targetMemoryUsage: memoryTarget, targetCpuUsage: cpuTarget ?? NEVER_IN_USE },
  };
}

function tuner(activities: TunerHolder['activityTaskSlotSupplier']): TunerHolder {
  const unused = { type: 'fixed-size', numSlots: 1 } as const;
  return {
    workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: WORKFLOW_TASK_SLOTS },
    activityTaskSlotSupplier: activities,
    localActivityTaskSlotSupplier: unused,
    nexusTaskSlotSupplier: unused,
  };
}

/**
 * A run stays with the version that began it, unless its workflow says otherwise: what a load's steps hand on to each
 * other is one version's business.
 */
function version({ deployment, buildId }: Config['worker']): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (buildId === undefined) return {};
  return {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName: deployment, buildId },
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
