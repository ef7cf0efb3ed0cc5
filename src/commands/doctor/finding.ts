/**
 * State of a finding.
 *
 * - `problem`: something does not work, or will soon not work.
 * - `warning`: somebody should look at it.
 * - `unknown`: the check could not find out.
 */
export type CheckState = 'ok' | 'warning' | 'problem' | 'unknown';

/** Exit status for each worst state, with the numbers of monitoring plugins. */
export const EXIT_STATUSES: Record<CheckState, number> = { ok: 0, warning: 1, problem: 2, unknown: 3 };

/** One result of a check. */
export interface Finding {
  state: CheckState;
  /** One line with the fact and its consequence. */
  message: string;
  /** One line that says what to do; null when nothing needs to be done. */
  advice: string | null;
}

export const ok = (message: string): Finding => ({ state: 'ok', message, advice: null });
export const warning = (message: string, advice: string): Finding => ({ state: 'warning', message, advice });
export const problem = (message: string, advice: string): Finding => ({ state: 'problem', message, advice });
export const unknown = (message: string, advice: string): Finding => ({ state: 'unknown', message, advice });

/** Return the worst state. The order from worst to best is: problem, warning, unknown, ok. */
export function worstState(states: readonly CheckState[]): CheckState {
  const worst = (['problem', 'warning', 'unknown'] as const).find((state) => states.includes(state));
  return worst ?? 'ok';
}
