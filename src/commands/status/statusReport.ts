import type { Status } from './reader.js';

/** Message from the process that reads the status: the status, or one line with the reason why there is none. */
export type StatusReport = { status: Status; text: string; brief: string } | { failed: string };
