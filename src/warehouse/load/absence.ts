/** A poll is compared with those of its feed in so many hours before it. */
export const COMPARED_HOURS = 168;
/** A complete poll has at least this share of the most charging points among these. */
export const COMPLETE_SHARE = 0.8;

/** Instants between which a publication may have changed what is known; half-open. */
export interface Window {
  from: Date;
  to: Date;
}

/** An entity is retired once complete polls in so many different hours have lacked it. */
export const GRACE_HOURS = 24;
