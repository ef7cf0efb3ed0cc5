/**
 * How polls are judged: by loads, and for the current status. A poll of which absence may be concluded is complete.
 */

/** Hours before a poll in which other polls of its feed are compared with it. */
export const COMPARED_HOURS = 168;
/** Greatest number of polls in {@link COMPARED_HOURS} whose unidentified records are compared. */
export const COMPARED_POLLS = 144;
/** Least share of charging points in a complete poll, of the maximum in {@link COMPARED_HOURS}. */
export const COMPLETE_SHARE = 0.8;

/** Counts by which a poll is judged. */
export interface PollCounts {
  /** Charging points in the answer, readable or not. */
  chargingPoints: number;
  /** Records whose id can't be read, and the records below them. */
  unidentified: number;
}
