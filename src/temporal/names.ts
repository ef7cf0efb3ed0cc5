import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Names that people type at Temporal's command line and see in its Web UI. */
export const QUEUES = { acquire: 'acquire', load: 'load', current: 'acquire-current' } as const;
/** The queue where current statuses are kept, beside that of the polls. */
export const currentQueue = (acquireQueue: string) => `${acquireQueue}-current`;
/** One rebuild at a time: so its workflow has a fixed id. */
export const REBUILD = { workflowId: 'rebuild', progressQuery: 'progress' } as const;
export const SCHEDULES = {
  acquire: 'acquire',
  loadDay: 'load-day',
  loadRecent: 'load-recent',
  reloadChanged: 'reload-changed',
} as const;

/** Changes of workflows under which runs that began before must go on. */
export const PATCHES = {
  current: 'keep-current',
  coverBesideCopies: 'cover-beside-copies',
  tellBeforeRecord: 'tell-before-record',
  notRecreated: 'not-recreated',
} as const;

/** Search attributes of the runs: what one did can be seen and searched without opening it. */
export const SEARCH_ATTRIBUTES = {
  slot: defineSearchAttributeKey('LadepulsSlot', SearchAttributeType.DATETIME),
  day: defineSearchAttributeKey('LadepulsDay', SearchAttributeType.KEYWORD),
  stored: defineSearchAttributeKey('LadepulsStored', SearchAttributeType.INT),
  notStored: defineSearchAttributeKey('LadepulsNotStored', SearchAttributeType.INT),
  feedsNotStored: defineSearchAttributeKey('LadepulsFeedsNotStored', SearchAttributeType.KEYWORD_LIST),
  facts: defineSearchAttributeKey('LadepulsFacts', SearchAttributeType.INT),
} as const;

/** Set by the server on every run that a schedule starts: the instant that it was scheduled for. */
export const SCHEDULED_START = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
);

/** What the schedule `acquire` gives its workflow. */
export interface AcquireSlotInput {
  intervalMinutes: number;
  /** ISO instant, for a run started by hand; a scheduled run takes its own. */
  slot?: string;
}
