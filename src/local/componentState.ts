/** How a component of a running home is: Temporal, Postgres, the worker, the API. */
export interface ComponentState {
  /** Names the part and its log, `<home>/logs/<name>.log`. */
  name: string;
  /**
   * `starting`: is wanted, and was never ready. `running`: was ready at `since`. `restarting`: ended or hung, and is started
   * again.
   */
  state: 'starting' | 'running' | 'restarting';
  /** When the state began, an ISO instant. */
  since: string;
  /** Restarts since the home was started. */
  restarts: number;
  /** Why the part was restarted last, or is not started yet, in one line; null where nothing failed. */
  reason: string | null;
}
