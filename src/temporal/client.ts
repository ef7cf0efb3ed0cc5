import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WorkflowFailedError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** Whether the environment names a Temporal server; where not, the local one is used. */
export function namesTemporal(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.TEMPORAL_ADDRESS ?? env.TEMPORAL_PROFILE ?? env.TEMPORAL_CONFIG_FILE);
}

/** How client and worker connect: the SDK's own environment configuration (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …). */
export function temporalConfig(env: NodeJS.ProcessEnv) {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars });
  return { connectionOptions, namespace: namespace ?? 'default' };
}

/**
 * Opens a client. Close its connection when done. Throws an Error that says which server did not answer.
 *
 * @param closing aborts before the connection is closed or the server is stopped: from then on a failed call is not
 *   repeated. The SDK would repeat it on the closed connection, which throws where nobody can catch it.
 */
export async function openClient(env: NodeJS.ProcessEnv, closing?: AbortSignal): Promise<Client> {
  const { connectionOptions, namespace } = temporalConfig(env);
  try {
    const connection = await Connection.connect({
      ...connectionOptions,
      interceptors: [retryUntil(closing)],
    });
    return new Client({ connection, namespace });
  } catch (error) {
    const address = connectionOptions.address ?? 'localhost:7233';
    throw new Error(
      `Temporal at ${address} does not answer (TEMPORAL_ADDRESS): ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

function retryUntil(closing?: AbortSignal) {
  const usual = defaultGrpcRetryOptions();
  return makeGrpcRetryInterceptor({
    ...usual,
    retryableDecider: (attempt, status) => !closing?.aborted && usual.retryableDecider(attempt, status),
  });
}

/** What a failed run failed of: Temporal wraps it in the failures of the activity and the workflow. */
export function describeFailure(error: unknown): string {
  const isWrapper = error instanceof WorkflowFailedError || error instanceof ActivityFailure;
  if (isWrapper || (error instanceof ApplicationFailure && error.cause)) return describeFailure(error.cause);
  return error instanceof Error ? error.message : String(error);
}
