import type { Status } from './reader.js';

/** What the process that looks at an installation sends: what it found, or in one line why it found nothing. */
export type StatusReport = { status: Status; text: string; brief: string } | { failed: string };
