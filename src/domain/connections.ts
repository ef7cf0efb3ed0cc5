/** The limits on connections to a warehouse's Postgres. */

/** Maximum of concurrent connections of all readers. A further connection is refused with an error. */
export const READER_CONNECTIONS = 100;
/**
 * Maximum of concurrent connections of the owner: a worker takes 16 for loads and 2 for current statuses, the API takes
 * 8. The rest is for commands, and for people with the owner's address.
 */
export const OWNER_CONNECTIONS = 47;
/** The last connections of these, which only the owner can get. */
export const RESERVED_FOR_OWNER = 10;
/** Connections that Postgres reserves for superusers by default. */
export const RESERVED_FOR_SUPERUSERS = 3;
