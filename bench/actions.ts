import type { Client } from '@temporalio/client';

/**
 * Count the actions that Temporal Cloud would bill for a workflow run and its child workflows.
 * Heartbeats are not counted, because histories do not contain them. https://docs.temporal.io/cloud/actions
 */
export async function countActions(client: Client, workflowId: string): Promise<number> {
  const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
  let actions = 0;
  for (const event of events ?? []) {
    if (event.workflowExecutionStartedEventAttributes) actions += 1;
    if (event.activityTaskScheduledEventAttributes) actions += 1;
    actions += (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1;
    if (event.timerStartedEventAttributes) actions += 1;
    if (event.upsertWorkflowSearchAttributesEventAttributes) actions += 1;
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    if (child) actions += 1 + (await countActions(client, child));
  }
  return actions;
}
