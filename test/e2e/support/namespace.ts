import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { registerSearchAttributes } from '../../../src/temporal/namespace.js';
import { SEARCH_ATTRIBUTE_TYPES } from '../../../src/temporal/searchAttributes.js';
import { temporalAddress } from '../../support/temporal.js';

export interface TestNamespace {
  name: string;
  /** `host:port` of the server. */
  address: string;
  client: Client;
  close(): Promise<void>;
}

const RETENTION_MS = 24 * 3_600_000;
const USABLE_TIMEOUT_MS = 30_000;

/**
 * Makes a namespace on the Temporal that the run shares. In it a test file has the real names of queues and
 * schedules to itself.
 */
export async function openNamespace(): Promise<TestNamespace> {
  const address = await temporalAddress();
  const connection = await Connection.connect({ address });
  const name = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: msToTs(RETENTION_MS),
  });
  const signal = AbortSignal.timeout(USABLE_TIMEOUT_MS);
  await registerSearchAttributes(connection, name, SEARCH_ATTRIBUTE_TYPES, signal);
  const client = new Client({ connection, namespace: name });
  return { name, address, client, close: () => connection.close() };
}
