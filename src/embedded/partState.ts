/** How a part of a running home is: Temporal, Postgres, the worker, the API. */
export interface PartState {
  /** Names the part and its log, `<home>/logs/<name>.log`. */
  name: string;
  /** `running`: was ready at `since`. `restarting`: ended or hung, and is started again. */
  state: 'running' | 'restarting';
  /** When the state began, an ISO instant. */
  since: string;
  /** Restarts since the home was started. */
  restarts: number;
  /** Why the part was restarted last, in one line; null where it never was. */
  reason: string | null;
}
