import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { vi } from 'vitest';

/** Makes a namespace of its own on a Temporal, which knows nothing of this project yet. Returns its name. */
export async function makeNamespace(address: string): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    const workflowExecutionRetentionPeriod = msToTs('1 day');
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    // The server learns of it with a delay.
    await vi.waitFor(() => connection.workflowService.countWorkflowExecutions({ namespace }), 30_000);
  } finally {
    await connection.close();
  }
  return namespace;
}
