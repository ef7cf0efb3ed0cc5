import { ApplicationFailure } from '@temporalio/activity';
import type { Damage } from '../../cleaning/pool.js';

/**
 * Make the failure of a load that found a damaged sealed object. It is not retried, because a person has to act first.
 */
export function sealedDamaged({ damaged }: Damage): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${damaged}. The day stays as it was published.`, 'SealedDamaged');
}
