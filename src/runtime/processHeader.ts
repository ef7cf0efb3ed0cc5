/**
 * Header of a health response with the pid of the responding process. A parent uses it to tell its own server from
 * another server on the same port.
 */
export const PROCESS_HEADER = 'ladepuls-process';

/** Header of a worker's health response with the queues that it works on now, separated by commas. */
export const QUEUES_HEADER = 'ladepuls-queues';
