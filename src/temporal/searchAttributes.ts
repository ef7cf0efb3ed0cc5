import { Connection, isGrpcServiceError } from '@temporalio/client';
import { registerSearchAttributes, type SearchAttributeTypes } from './namespace.js';
import { temporalConfig } from './client.js';
import { SEARCH_ATTRIBUTES } from './names.js';

/** gRPC's status code NOT_FOUND. */
const NOT_FOUND = 5;

/** The server's names for the SDK's types of search attributes. */
const TYPE_NAMES = {
  DATETIME: 'Datetime',
  KEYWORD: 'Keyword',
  INT: 'Int',
  KEYWORD_LIST: 'KeywordList',
} as const;

/** The search attributes that the workflows set, with their types by name. */
export const SEARCH_ATTRIBUTE_TYPES: SearchAttributeTypes = Object.fromEntries(
  Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, TYPE_NAMES[type]]),
);

/**
 * Register the workflows' missing search attributes on the server that the environment names.
 *
 * @throws Error when the server refuses to register missing attributes, or has no such namespace; the message has the
 * commands for doing it by hand
 */
export async function ensureSearchAttributes(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const { connectionOptions, namespace } = temporalConfig(env);
  const connection = await Connection.connect(connectionOptions);
  try {
    await registerSearchAttributes(connection, namespace, SEARCH_ATTRIBUTE_TYPES, signal);
  } catch (error) {
    // A client without the right to register attributes can use them if somebody else registered them.
    if (!isGrpcServiceError(error)) throw error;
    if (await areUsable(connection, namespace)) return;
    const message =
      (error.code as number) === NOT_FOUND ? absence(namespace) : refusal(namespace, error.message);
    throw new Error(message, { cause: error });
  } finally {
    await connection.close();
  }
}

async function areUsable(connection: Connection, namespace: string): Promise<boolean> {
  const query = Object.keys(SEARCH_ATTRIBUTE_TYPES)
    .map((name) => `${name} IS NULL`)
    .join(' AND ');
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error)) return false;
    throw error;
  }
}

function absence(namespace: string): string {
  return (
    `Temporal has no namespace ${namespace}. Set TEMPORAL_NAMESPACE to one that it has, or have it made by\n` +
    `  temporal operator namespace create --namespace ${namespace} --retention 30d`
  );
}

function refusal(namespace: string, message: string): string {
  const commands = Object.entries(SEARCH_ATTRIBUTE_TYPES).map(
    ([name, type]) =>
      `  temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${type}`,
  );
  return (
    `Temporal's namespace ${namespace} lacks the search attributes that the workflows set, and refused to have ` +
    `them registered (${message}). Have somebody who may do it run\n${commands.join('\n')}`
  );
}
