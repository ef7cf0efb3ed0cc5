/** What stands in the place of a secret. */
const HIDDEN = '…';
/** Parameters that are called so are secrets, whatever stands before or behind the word. */
const SECRET_NAME =
  /key|token|secret|passw|pwd|auth|credential|signature|session|bearer|jwt|^(sig|hmac|pass|pin|code|user|login)$/i;
/** A value of so many letters and digits, mixed, is hardly a word. */
const SECRET_VALUE = /^(?=.*\d)(?=.*[a-z])[\w\-+/=.~%]{20,}$/i;
/** A date, time or UUID is long and mixed too. */
const HARMLESS_VALUE =
  /^(\d{4}-\d\d-\d\d([T ]|%20)?[\d:.%A-F+-]*Z?|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i;

/**
 * An address as it may be shown: without user, password, and what looks like a token in its parameters. One that has none
 * of these stays letter for letter.
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
  // A further @ may be of a password that was not encoded.
  return hasUser ? withoutUser(`${protocol}//@${rest}`) : `${protocol}//${rest}`;
}

function withoutUser(url: string): string {
  return url.replace(/\/\/.*@/s, `//${HIDDEN}@`);
}

/**
 * The same of every address of the web in a text, such as an error's message. An address ends at a blank: what stands around
 * it, such as quotes, may be a part of a secret. Where the address is known, {@link shownUrl} is surer.
 */
export function withShownUrls(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/gi, showAll);
}

/** An address may hold another one, or be followed by one without a blank. */
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

/** Parameters as they stand behind `?` or `#`; what is no parameter stays. */
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
