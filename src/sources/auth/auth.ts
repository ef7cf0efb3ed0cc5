import { SECRET_NAME } from './secretName.js';

/**
 * One way in which a feed recognises its clients. It names secrets and never contains one, so that it may be stored,
 * listed and logged. `secret` is the NAME in `LADEPULS_SECRET_<NAME>`.
 */
export type Auth =
  | { kind: 'token' | 'token-plain' | 'bearer' | 'basic'; secret: string }
  | { kind: 'header' | 'query'; name: string; secret: string }
  | { kind: 'certificate'; secret: string; passphrase: string | null };

/** How a feed recognises this client. */
export interface Access {
  auths: readonly Auth[];
  /** The feed's configured address. Secrets are sent to its scheme, host and port only. */
  url: string;
}

/** How each way is written, and what it sends. */
export const AUTH_FORMS: Readonly<Record<Auth['kind'], { form: string; about: string }>> = {
  token: { form: 'token:NAME', about: 'Authorization: Token, with the token in base64 (OCPI 2.2 and later)' },
  'token-plain': {
    form: 'token-plain:NAME',
    about: 'Authorization: Token, with the token as it is (OCPI 2.1.1)',
  },
  bearer: { form: 'bearer:NAME', about: 'Authorization: Bearer' },
  basic: { form: 'basic:NAME', about: 'HTTP basic; the secret is user:password' },
  header: { form: 'header:X-API-Key:NAME', about: 'a header of that name' },
  query: { form: 'query:apikey:NAME', about: 'a parameter of the address' },
  certificate: {
    form: 'certificate:NAME[:PASSPHRASE]',
    about: 'a client certificate with its key, PKCS#12 or PEM, and the secret with its passphrase',
  },
};

/** A text does not have the form of an {@link Auth}. The message never repeats the text, which may hold a secret. */
export class InvalidAuth extends Error {
  override name = 'InvalidAuth';
}

/** A token of RFC 9110, which the name of a header is. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]{1,64}$/;
const PARAMETER_NAME = /^[\w.~[\]$-]{1,64}$/;
/** Headers that the HTTP client sets, or that change how a request is sent or answered. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...[
    'accept',
    'accept-encoding',
    'connection',
    'content-length',
    'content-type',
    'expect',
    'host',
    'keep-alive',
  ],
  ...['proxy-authorization', 'range', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent'],
]);

/**
 * Read one way of authentication in the form that commands and the collection log use.
 *
 * @throws InvalidAuth when the text has another form
 * @example parseAuth('header:X-API-Key:EXAMPLE') // { kind: 'header', name: 'X-API-Key', secret: 'EXAMPLE' }
 */
export function parseAuth(text: string): Auth {
  const [kind = '', ...rest] = text.split(':');
  const [first = '', second] = rest;
  switch (kind) {
    case 'token':
    case 'token-plain':
    case 'bearer':
    case 'basic':
      requireLength(rest, 1, kind);
      return { kind, secret: secretName(first) };
    case 'header':
    case 'query':
      requireLength(rest, 2, kind);
      return {
        kind,
        name: kind === 'header' ? headerName(first) : parameterName(first),
        secret: secretName(second),
      };
    case 'certificate':
      requireLength(rest, rest.length === 2 ? 2 : 1, kind);
      return {
        kind,
        secret: secretName(first),
        passphrase: second === undefined ? null : secretName(second),
      };
    default:
      throw new InvalidAuth(`its kind is unknown. There are ${listForms()}`);
  }
}

/** Write a way of authentication in the form that {@link parseAuth} reads. */
export function formatAuth(auth: Auth): string {
  switch (auth.kind) {
    case 'header':
    case 'query':
      return [auth.kind, auth.name, auth.secret].join(':');
    case 'certificate':
      return [auth.kind, auth.secret, ...(auth.passphrase === null ? [] : [auth.passphrase])].join(':');
    case 'token':
    case 'token-plain':
    case 'bearer':
    case 'basic':
      return [auth.kind, auth.secret].join(':');
  }
}

/**
 * Read all ways of authentication of a feed. They are used together, such as a client certificate and a token.
 *
 * @throws InvalidAuth when one has another form, two contradict each other, or the address can't be used with them
 */
export function parseAccess(texts: readonly string[], url: string): Access {
  const auths = texts.map(parseAuth);
  const places = auths.map(placeOf);
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) throw new InvalidAuth(`two of them set ${twice}`);
  if (!URL.canParse(url)) return { auths, url };
  const { protocol, username, password, searchParams } = new URL(url);
  if (places.includes(AUTHORIZATION) && (username !== '' || password !== ''))
    throw new InvalidAuth(
      `the address has a user or password, which set ${AUTHORIZATION} too: leave them out`,
    );
  for (const auth of auths) {
    if (auth.kind === 'query' && searchParams.has(auth.name))
      throw new InvalidAuth(`the address has the parameter ${auth.name} already: leave it out`);
    if (auth.kind === 'certificate' && protocol !== 'https:')
      throw new InvalidAuth('a client certificate needs an address with https');
  }
  return { auths, url };
}

/** Return the names of all secrets that some ways of authentication use. */
export function secretsOf(auths: readonly Auth[]): string[] {
  return auths.flatMap((auth) =>
    auth.kind === 'certificate' && auth.passphrase !== null ? [auth.secret, auth.passphrase] : [auth.secret],
  );
}

/** Return the names of the query parameters that hold secrets. */
export function parametersOf({ auths }: Access): string[] {
  return auths.flatMap((auth) => (auth.kind === 'query' ? [auth.name] : []));
}

const AUTHORIZATION = 'the header Authorization';

/** What a way of authentication sets in a request. */
function placeOf(auth: Auth): string {
  switch (auth.kind) {
    case 'header':
      return auth.name.toLowerCase() === 'authorization'
        ? AUTHORIZATION
        : `the header ${auth.name.toLowerCase()}`;
    case 'query':
      return `the parameter ${auth.name}`;
    case 'certificate':
      return 'the client certificate';
    case 'token':
    case 'token-plain':
    case 'bearer':
    case 'basic':
      return AUTHORIZATION;
  }
}

function requireLength(rest: readonly string[], length: number, kind: Auth['kind']): void {
  if (rest.length !== length) throw new InvalidAuth(`it must have the form ${AUTH_FORMS[kind].form}`);
}

function secretName(text = ''): string {
  if (SECRET_NAME.test(text)) return text;
  throw new InvalidAuth(
    'it must end with the NAME of a secret, not with the secret: capital letters, digits and "_", at most 64, ' +
      'beginning with a letter and not ending with _FILE. The secret itself is in LADEPULS_SECRET_<NAME>',
  );
}

function headerName(text: string): string {
  if (HEADER_NAME.test(text) && !OWN_HEADERS.has(text.toLowerCase())) return text;
  throw new InvalidAuth(
    'its second word must be the name of a header that may hold a key, such as X-API-Key',
  );
}

function parameterName(text: string): string {
  if (PARAMETER_NAME.test(text)) return text;
  throw new InvalidAuth('its second word must be the name of a parameter, such as apikey');
}

function listForms(): string {
  return Object.values(AUTH_FORMS)
    .map(({ form }) => form)
    .join(', ');
}
