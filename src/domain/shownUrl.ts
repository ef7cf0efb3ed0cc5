/** Replacement for a secret. */
const HIDDEN = '…';
/** Names of parameters that hold secrets. Most words count wherever they occur in a name. */
const SECRET_NAME =
  /key|token|secret|passw|pwd|auth|credential|signature|session|bearer|jwt|^(sig|hmac|pass|pin|code|user|login)$/i;
/** A value that is probably a token: long, with letters and digits mixed. */
const SECRET_VALUE = /^(?=.*\d)(?=.*[a-z])[\w\-+/=.~%]{20,}$/i;
/** Values that match {@link SECRET_VALUE} but are dates, times or UUIDs. */
const HARMLESS_VALUE =
  /^(\d{4}-\d\d-\d\d([T ]|%20)?[\d:.%A-F+-]*Z?|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i;

/**
 * Return an address without its secrets: user, password, and parameters that look like tokens. An address without
 * secrets is returned unchanged.
 *
 * @example
 * shownUrl('https://me:secret@host/cp?format=json&key=4711') // 'https://…@host/cp?format=json&key=…'
 */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return withoutUser(url);
  const { protocol, username, password, host, pathname, search, hash } = new URL(url);
  const [shownSearch, shownHash] = [search, hash].map(withoutSecrets);
  const hasUser = username !== '' || password !== '';
  if (!hasUser && shownSearch === search && shownHash === hash) return url;
  const rest = `${host}${pathname}${shownSearch}${shownHash}`;
  // A further @ may belong to a password that was not percent-encoded.
  return hasUser ? withoutUser(`${protocol}//@${rest}`) : `${protocol}//${rest}`;
}

function withoutUser(url: string): string {
  return url.replace(/\/\/.*@/s, `//${HIDDEN}@`);
}

/**
 * Remove the secrets from every web address in a text, such as an error message. An address ends at a blank, because
 * quotes and other characters may be part of a secret. For a known address, {@link shownUrl} is more reliable.
 */
export function withShownUrls(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/gi, showAll);
}

/** Remove the secrets from an address that may contain another address, or be followed by one without a blank. */
function showAll(found: string): string {
  let done = '';
  for (let rest = found; ;) {
    const end = /[:;,.!?)\]}"'<>`]*$/.exec(rest)?.index ?? rest.length;
    const shown = shownUrl(rest.slice(0, end)) + rest.slice(end);
    const next = shown.slice(1).search(/https?:\/\//i) + 1;
    if (next === 0) return done + shown;
    done += shown.slice(0, next);
    rest = shown.slice(next);
  }
}

/** Remove the secrets from the parameters after `?` or `#`. Any other text is unchanged. */
function withoutSecrets(parameters: string): string {
  return parameters.replaceAll(
    /([?#&;])([^=&;]+)=([^&;]*)/g,
    (found, before: string, name: string, value: string) =>
      isSecret(decoded(name), value) ? `${before}${name}=${HIDDEN}` : found,
  );
}

function isSecret(name: string, value: string): boolean {
  return (
    value !== '' && (SECRET_NAME.test(name) || (SECRET_VALUE.test(value) && !HARMLESS_VALUE.test(value)))
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
