import { ApplicationFailure } from '@temporalio/activity';
import type { Damage } from '../../cleaning/pool.js';

/**
 * Make the failure of a load that found a damaged sealed object. It is not retried, because a person has to act first.
 */
export function sealedDamaged({ damaged }: Damage): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `${damaged}. The published day is unchanged. Then load the day again with "ladepuls load --from DAY".`,
    'SealedDamaged',
  );
}
