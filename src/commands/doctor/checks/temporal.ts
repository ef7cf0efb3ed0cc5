import { isGrpcServiceError, type Client } from '@temporalio/client';
import { isUnknown } from '../../../domain/statusFacts.js';
import { namesTemporal, openClient, temporalConfig } from '../../../temporal/client.js';
import { QUEUES } from '../../../temporal/names.js';
import type { Check, Subject } from '../check.js';
import { type Finding, ok, problem } from '../finding.js';
import { ofStatus } from '../ofStatus.js';

/** Status codes of gRPC. */
const NOT_FOUND = 5;
const DENIED: readonly number[] = [7, 16];
/** Maximum age of a worker's last request for work. An idle worker asks every minute. */
const POLLED_WITHIN_MS = 150_000;

/** Check that Temporal responds, has the namespace, has active schedules, and has workers that ask for work. */
export const temporal: Check = {
  name: 'Temporal',
  needs: 'settings',
  limitSeconds: 20,
  async look(subject) {
    const env = await temporalEnv(subject);
    if (env === null) return [ok('No Temporal runs on this home; "ladepuls start" starts one.')];
    const { connectionOptions, namespace } = temporalConfig(env);
    const address = connectionOptions.address ?? 'localhost:7233';
    let client: Client;
    try {
      client = await openClient(env);
    } catch (error) {
      return [problem((error as Error).message, adviceOn(subject))];
    }
    try {
      await client.workflowService.describeNamespace({ namespace });
      return [
        ok(`Temporal at ${address} answers and has the namespace ${namespace}.`),
        ...(await judgeSchedules(subject)),
        ...(await judgeWorkers(client)),
      ];
    } catch (error) {
      return [explain(error, address, namespace)];
    } finally {
      await client.connection.close();
    }
  },
};

async function temporalEnv({ env, owner }: Subject): Promise<NodeJS.ProcessEnv | null> {
  if (namesTemporal(env)) return env;
  const address = (await owner())?.addresses?.temporalAddress;
  return address === undefined ? null : { ...env, TEMPORAL_ADDRESS: address };
}

function adviceOn({ env, config }: Subject): string {
  return namesTemporal(env)
    ? 'Check that the server runs, that TEMPORAL_ADDRESS is correct, and that no firewall or TLS setting blocks the connection.'
    : `Read ${config.general.home}/logs/temporal.log.`;
}

function explain(error: unknown, address: string, namespace: string): Finding {
  if (!isGrpcServiceError(error)) throw error;
  const code: number = error.code;
  if (code === NOT_FOUND)
    return problem(
      `Temporal at ${address} has no namespace ${namespace}.`,
      `Set TEMPORAL_NAMESPACE to an existing namespace, or create this one: "temporal operator namespace create --namespace ${namespace} --retention 30d".`,
    );
  const why = DENIED.includes(code) ? 'refuses these credentials' : 'does not answer as expected';
  return problem(
    `Temporal at ${address} ${why}: ${error.details || error.message}`,
    'Check TEMPORAL_API_KEY, or the client certificate in the TEMPORAL_TLS_… variables.',
  );
}

async function judgeSchedules({ status }: Subject): Promise<Finding[]> {
  const found = await status();
  const wrong = ofStatus(found, ['schedule_absent', 'schedule_paused']);
  if (wrong.length > 0 || isUnknown(found.schedules)) return wrong;
  return [ok(`The schedules act: ${found.schedules.map(({ id }) => id).join(', ')}.`)];
}

async function judgeWorkers(client: Client): Promise<Finding[]> {
  const { namespace } = client.options;
  const unserved: string[] = [];
  for (const name of Object.values(QUEUES)) {
    const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name } });
    const isServed = pollers.some(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLED_WITHIN_MS,
    );
    if (!isServed) unserved.push(name);
  }
  if (unserved.length === 0) return [ok(`Workers ask for work on ${Object.values(QUEUES).join(', ')}.`)];
  const isPolling = !unserved.includes(QUEUES.acquire);
  return [
    problem(
      `No worker asks for work on ${unserved.join(', ')}, so ${isPolling ? 'no day is loaded' : 'nothing is polled'}.`,
      'Start a worker with "ladepuls start", or start the containers of the workers. Then check its log and LADEPULS_QUEUES.',
    ),
  ];
}
