import { ApplicationFailure } from '@temporalio/activity';
import type { Damage } from '../../cleaning/pool.js';

/** Makes the failure of a load that met a damaged sealed object: trying again does not help until somebody has acted. */
export function sealedDamaged({ damaged }: Damage): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${damaged}. The day stays as it was published.`, 'SealedDamaged');
}
