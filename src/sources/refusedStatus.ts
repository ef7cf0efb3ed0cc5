import type { Answer } from './answer.js';
import { type Access, secretsOf } from './auth/auth.js';
import { SECRET_PREFIX } from './auth/secretName.js';
import { rejectStatus } from './httpStatus.js';

/** Reason for an answer by which a feed refuses the secrets that the request had. */
const SECRET_REFUSED = 'secret_refused';

/**
 * Return why an answer is rejected because of its HTTP status, like {@link rejectStatus}. A feed that refuses a secret
 * has a reason of its own.
 */
export function refusedStatus(
  { status, hadSecrets }: Pick<Answer, 'status' | 'hadSecrets'>,
  { auths }: Access,
): { reason: string; message: string } | null {
  const rejection = rejectStatus(status);
  const isUnauthorised = status === 401 || status === 403;
  if (rejection === null || !isUnauthorised || auths.length === 0) return rejection;
  const { reason, message } = rejection;
  const variables = secretsOf(auths)
    .map((name) => SECRET_PREFIX + name)
    .join(' and ');
  if (hadSecrets)
    return { reason: SECRET_REFUSED, message: `${message}: the feed does not accept ${variables}` };
  return {
    reason,
    message:
      `${message}, after a redirect to another host, which does not get ${variables}: ` +
      "set the feed's address to that host",
  };
}
