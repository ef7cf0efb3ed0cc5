import { flagged, type Normalised, refused } from './normalised.js';
import { STATUSES } from './ocpi.js';
import { normaliseText } from './text.js';

/** OCPI's statuses of charging points and connectors. Other statuses are stored too, with an issue. */
export const KNOWN_STATUSES: ReadonlySet<unknown> = new Set(STATUSES);

/** Issue of a charging point whose status differs from the statuses of all its connectors. */
export const UNLIKE_CONNECTORS = 'unlike_connectors';

const MAX_STATUS_LENGTH = 64;

/**
 * Normalise a status. When the value is null, the first issue is `missing_status` or `bad_status`. A status that OCPI
 * does not define has the issue `unknown_status`.
 */
export function normaliseStatus(raw: unknown): Normalised<string> {
  if (raw === null || raw === undefined) return refused('missing_status', raw);
  const { value, issues } = normaliseText(typeof raw === 'string' ? raw : null);
  if (value === null || value.length > MAX_STATUS_LENGTH) return refused('bad_status', raw);
  if (KNOWN_STATUSES.has(value)) return flagged(value, issues);
  return flagged(value, [{ reason: 'unknown_status', at: '', raw }, ...issues]);
}
