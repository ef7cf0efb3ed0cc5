type Json = unknown;

/** Deeper than any feed's format; a station nested deeper, in error or to do harm, is never called equal. */
const MAX_DEPTH = 32;

/**
 * Whether two parsed JSON values are equal, leaving out the given keys at any depth. Order counts in
 * arrays, not in objects. Keys that are missing on one side only count, unless they are left out.
 */
export function equalExcept(a: Json, b: Json, except: ReadonlySet<string>, depth = 0): boolean {
  if (a === b) return true;
  if (depth > MAX_DEPTH) return false;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalExcept(a[i], b[i], except, depth + 1)) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  return equalObjects(a as Record<string, Json>, b as Record<string, Json>, except, depth + 1);
}

function equalObjects(
  a: Record<string, Json>,
  b: Record<string, Json>,
  except: ReadonlySet<string>,
  depth: number,
): boolean {
  let keys = 0;
  for (const key in a) {
    if (except.has(key)) continue;
    keys++;
    const left = a[key];
    const right = b[key];
    if (left !== right && !equalExcept(left, right, except, depth)) return false;
    if (right === undefined && !(key in b)) return false;
  }
  for (const key in b) if (!except.has(key)) keys--;
  return keys === 0;
}
