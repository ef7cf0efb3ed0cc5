/**
 * The header of a health answer that names the process that gave it, by its number. Whoever started a server tells it by
 * this from another one on the same port.
 */
export const PROCESS_HEADER = 'ladepuls-process';

/** The header by which a worker tells which queues it works on now, separated by commas. */
export const QUEUES_HEADER = 'ladepuls-queues';
