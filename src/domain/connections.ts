/** How the connections of a warehouse's Postgres are shared out. */

/** Readers may have so many at once; one more is refused, and says so. */
export const READER_CONNECTIONS = 100;
/**
 * The owner may need so many at once: a worker 16 for loads and 2 for current statuses, the API 8, and some for commands and
 * for people with the owner's address.
 */
export const OWNER_CONNECTIONS = 47;
/** Of those nobody but the owner gets the last ones, whoever else there is. */
export const RESERVED_FOR_OWNER = 10;
/** Postgres keeps so many for superusers, by default. */
export const RESERVED_FOR_SUPERUSERS = 3;
