import type { TunerHolder, WorkerOptions } from '@temporalio/worker';
import type { Config } from '../settings/config.js';
import { QUEUES } from '../temporal/names.js';

/** Polls that one worker runs at the same time. Only a few of them go to the same host, see `requestsPerHost`. */
const POLL_SLOTS = 24;
/**
 * Activities of the queue `current` that run at the same time. Each activity stores the answers of one slot, one answer
 * after the other. A late activity may overlap with that of the next slot.
 */
const CURRENT_SLOTS = 2;
/** Temporal's default; workflow tasks are short. */
const WORKFLOW_TASK_SLOTS = 40;
/** Activities for each thread: one that computes, and one that waits for the warehouse or S3. */
const STEPS_A_THREAD = 2;
/**
 * Shortest pause between two activity slots that the SDK gives out. Short, because the SDK sleeps for the whole pause
 * even if a slot becomes free, while many activities take only 20 ms.
 */
const BETWEEN_SLOTS = '10 ms';

/** A target for CPU use that is never reached (200%), which means no limit. */
const NEVER_IN_USE = 2;

/**
 * How long a stopping worker waits for its activities. A poll takes a minute at most; activities of loads notice the
 * cancellation.
 */
const SHUTDOWN = { shutdownGraceTime: '20 seconds', shutdownForceTime: '28 seconds' } as const;

/** The options of a queue's worker, from the settings: task queue, concurrency and worker version. */
export function workerOptions(queue: keyof typeof QUEUES, config: Config) {
  return {
    ...SHUTDOWN,
    taskQueue: QUEUES[queue],
    // Workflows only wait for activities. One thread is therefore enough, and each thread costs tens of megabytes.
    workflowThreadPoolSize: 1,
    maxCachedWorkflows: 50,
    ...slots(queue, config),
    ...version(config.worker),
  } satisfies WorkerOptions;
}

function slots(queue: keyof typeof QUEUES, config: Config): { tuner: TunerHolder } {
  switch (queue) {
    case 'acquire':
      // A poll needs very little CPU and memory, so that a fixed number is safe.
      return { tuner: tuner({ type: 'fixed-size', numSlots: POLL_SLOTS }) };
    case 'load':
      return { tuner: tuner(loadSlots(config.worker)) };
    case 'current':
      return { tuner: tuner({ type: 'fixed-size', numSlots: CURRENT_SLOTS }) };
  }
}

/**
 * The activity slots of a worker that loads. Two activities for each thread are always taken, so that loading continues
 * however busy the machine is. Further ones are taken up to `loadSlots` while resources are free; the SDK measures them
 * ten times a second. By default only memory is considered: loading should use all processors, and `threads` limits it.
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
 * The worker version, if a build id is set. By default a workflow run stays with the version that began it (`PINNED`),
 * because the results that activities of a load pass on may change their format between versions.
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
