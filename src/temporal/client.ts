import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WorkflowFailedError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** Whether the environment names a Temporal server. Otherwise the local server is used. */
export function namesTemporal(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.TEMPORAL_ADDRESS ?? env.TEMPORAL_PROFILE ?? env.TEMPORAL_CONFIG_FILE);
}

/** Read how client and worker connect, from the SDK's own variables (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …). */
export function temporalConfig(env: NodeJS.ProcessEnv) {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars });
  return { connectionOptions, namespace: namespace ?? 'default' };
}

/**
 * Open a client. The caller closes its connection.
 *
 * @param closing aborts before the connection is closed or the server is stopped. After that, failed calls are not
 * retried. The SDK would retry them on the closed connection and throw where nobody can catch the error.
 * @throws Error when the server does not respond; the message names its address
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
      `Can't connect to Temporal at ${address}: ${(error as Error).message}. ` +
        `Check that the server runs and that TEMPORAL_ADDRESS is right.`,
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

/**
 * Return the message of the original failure of a workflow run. Temporal wraps it in the failures of the activity and
 * the workflow.
 */
export function describeFailure(error: unknown): string {
  const isWrapper = error instanceof WorkflowFailedError || error instanceof ActivityFailure;
  if (isWrapper || (error instanceof ApplicationFailure && error.cause)) return describeFailure(error.cause);
  return error instanceof Error ? error.message : String(error);
}
