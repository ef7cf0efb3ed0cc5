import type { Severity } from '../../domain/statusFindings.js';
import type { Status } from '../status/reader.js';
import type { CheckState, Finding } from './finding.js';

const STATES: Record<Severity, CheckState> = { warning: 'warning', critical: 'problem', unknown: 'unknown' };

/** Select findings of `ladepuls status` by their ids, such as `space_short`. */
export function ofStatus({ findings }: Status, ids: readonly string[]): Finding[] {
  return findings
    .filter(({ id }) => ids.includes(id))
    .map(({ severity, text, advice }) => ({ state: STATES[severity], message: text, advice }));
}
