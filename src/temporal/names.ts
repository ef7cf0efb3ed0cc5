import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Names of task queues, as people see them in Temporal's command line and Web UI. */
export const QUEUES = { acquire: 'acquire', load: 'load', current: 'acquire-current' } as const;
/** Return the task queue of the activities that store current statuses, given the queue of the polls. */
export const currentQueue = (acquireQueue: string) => `${acquireQueue}-current`;
/** The workflow id is fixed, so that only one rebuild runs at a time. */
export const REBUILD = { workflowId: 'rebuild', progressQuery: 'progress' } as const;
export const SCHEDULES = {
  acquire: 'acquire',
  loadDay: 'load-day',
  loadRecent: 'load-recent',
  reloadChanged: 'reload-changed',
} as const;

/** Ids of patches: changes of workflows after which older runs must still be able to continue. */
export const PATCHES = {
  current: 'keep-current',
  coverBesideCopies: 'cover-beside-copies',
  tellBeforeRecord: 'tell-before-record',
  notRecreated: 'not-recreated',
} as const;

/** Search attributes of workflow runs. They show what a run did, so that nobody has to open it. */
export const SEARCH_ATTRIBUTES = {
  slot: defineSearchAttributeKey('LadepulsSlot', SearchAttributeType.DATETIME),
  day: defineSearchAttributeKey('LadepulsDay', SearchAttributeType.KEYWORD),
  stored: defineSearchAttributeKey('LadepulsStored', SearchAttributeType.INT),
  notStored: defineSearchAttributeKey('LadepulsNotStored', SearchAttributeType.INT),
  feedsNotStored: defineSearchAttributeKey('LadepulsFeedsNotStored', SearchAttributeType.KEYWORD_LIST),
  facts: defineSearchAttributeKey('LadepulsFacts', SearchAttributeType.INT),
} as const;

/** The instant that a run was scheduled for. The server sets it on every run that a schedule starts. */
export const SCHEDULED_START = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
);

/** The input of the workflow `acquireSlot`. */
export interface AcquireSlotInput {
  intervalMinutes: number;
  /**
   * ISO instant of the slot, for a run that was started by hand. A scheduled run uses the instant it was scheduled for.
   */
  slot?: string;
}
