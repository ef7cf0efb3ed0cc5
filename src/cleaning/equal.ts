type Json = unknown;

/**
 * Largest nesting of values that are compared; deeper values count as different. No feed's format nests as deeply: only
 * an error or an attack does.
 */
const MAX_DEPTH = 32;

/**
 * Return whether two parsed JSON values are equal, ignoring the keys in `except` at any depth. The order of elements
 * counts in arrays; the order of keys in objects does not. Values differ when only one of them has a key, unless the
 * key is in `except`.
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
