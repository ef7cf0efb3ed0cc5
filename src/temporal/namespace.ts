import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

/** Names and types of custom search attributes. */
export type SearchAttributeTypes = Record<string, keyof typeof INDEXED_VALUE_TYPE>;

/** Numbers of the types in Temporal's API (temporal.api.enums.v1.IndexedValueType). */
const INDEXED_VALUE_TYPE = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
} as const;

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 100;
const VISIBLE_TIMEOUT_MS = 30_000;

/** Set the number of days for which the histories of closed workflow runs are kept. */
export async function setRetention(connection: Connection, namespace: string, days: number): Promise<void> {
  const workflowExecutionRetentionTtl = msToTs(days * DAY_MS);
  await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
}

/**
 * Register the search attributes that are missing, and wait until workflows and queries can use them.
 *
 * @throws Error when an attribute exists with another type, because a type can't be changed
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
  signal: AbortSignal,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const searchAttributes: Record<string, (typeof INDEXED_VALUE_TYPE)[keyof typeof INDEXED_VALUE_TYPE]> = {};
  for (const [name, type] of Object.entries(types)) {
    const existing: number | undefined = customAttributes[name];
    if (existing === undefined) searchAttributes[name] = INDEXED_VALUE_TYPE[type];
    else if (existing !== INDEXED_VALUE_TYPE[type]) throw new Error(mismatch(name, type));
  }
  if (Object.keys(searchAttributes).length === 0) return;
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  await waitUntilUsable(connection, namespace, Object.keys(searchAttributes), signal);
}

/**
 * Wait until the frontend knows the new attributes. Until then it refuses queries and starts that name them.
 *
 * @throws Error when the attributes are unknown after 30 seconds
 */
async function waitUntilUsable(
  connection: Connection,
  namespace: string,
  names: string[],
  signal: AbortSignal,
): Promise<void> {
  const query = names.map((name) => `${name} IS NULL`).join(' AND ');
  const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error(`Temporal does not know the search attributes ${names.join(', ')} after 30 s.`, {
          cause: error,
        });
      }
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function mismatch(name: string, type: string): string {
  return (
    `Temporal's namespace has a search attribute ${name} of another type than ${type}, which others may search by. ` +
    'Use a namespace of its own: set TEMPORAL_NAMESPACE to a new one.'
  );
}
