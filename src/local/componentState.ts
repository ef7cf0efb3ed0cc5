/** The state of a component of a running home: Temporal, Postgres, the worker or the API. */
export interface ComponentState {
  /** Name of the component. Its log is `<home>/logs/<name>.log`. */
  name: string;
  /**
   * `starting`: was never ready. `running`: has been ready since `since`. `restarting`: ended or hung, and is started
   * again.
   */
  state: 'starting' | 'running' | 'restarting';
  /** When the state began, as an ISO instant. */
  since: string;
  /** Restarts since the home was started. */
  restarts: number;
  /** Why the component was restarted last, or is not started yet, in one line. null if nothing failed. */
  reason: string | null;
}
