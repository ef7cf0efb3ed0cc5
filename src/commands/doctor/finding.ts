/** `problem`: something does not work, or will not. `warning`: somebody should look. `unknown`: it can't be told. */
export type CheckState = 'ok' | 'warning' | 'problem' | 'unknown';

/** Exit statuses by the worst state, as monitoring plugins have them. */
export const EXIT_STATUSES: Record<CheckState, number> = { ok: 0, warning: 1, problem: 2, unknown: 3 };

/** What a check has found. */
export interface Finding {
  state: CheckState;
  /** What is so, and what that means: one line. */
  message: string;
  /** What to do about it, one line; null where nothing is to be done. */
  advice: string | null;
}

export const ok = (message: string): Finding => ({ state: 'ok', message, advice: null });
export const warning = (message: string, advice: string): Finding => ({ state: 'warning', message, advice });
export const problem = (message: string, advice: string): Finding => ({ state: 'problem', message, advice });
export const unknown = (message: string, advice: string): Finding => ({ state: 'unknown', message, advice });

/** The worst state: a problem before a warning, and that before what can't be told. */
export function worstState(states: readonly CheckState[]): CheckState {
  const worst = (['problem', 'warning', 'unknown'] as const).find((state) => states.includes(state));
  return worst ?? 'ok';
}
