/** A table or view as the database itself describes it. */
export interface Relation {
  schema: string;
  name: string;
  isView: boolean;
  comment: string | null;
  /** In the order of their definition. */
  columns: Column[];
}

export interface Column {
  name: string;
  /** Postgres' short name of the type, such as timestamptz; that of an array begins with an underscore. */
  type: string;
  /** null: a view's, of which Postgres does not know. */
  isNullable: boolean | null;
  isPrimaryKey: boolean;
  /** The table that it refers to. */
  references: string | null;
  comment: string | null;
}

interface Reference {
  from: string;
  column: string;
  to: string;
  /** What one of `to` does to many of `from`. */
  verb: string;
}

/**
 * How the six promised tables hang together. The facts and time are held to it by the way that a day is loaded, not by
 * constraints, which would cost more than the load itself.
 */
export const REFERENCES: readonly Reference[] = [
  { from: 'charging_point', column: 'id_cs', to: 'charging_station', verb: 'has' },
  { from: 'connector', column: 'id_cp', to: 'charging_point', verb: 'has' },
  { from: 'status_chargingpoints', column: 'id_chargingpoint', to: 'charging_point', verb: 'is observed in' },
  { from: 'status_connectors', column: 'id_connector', to: 'connector', verb: 'is observed in' },
  { from: 'status_chargingpoints', column: 'query_time', to: 'time', verb: 'is the time of' },
  { from: 'status_connectors', column: 'query_time', to: 'time', verb: 'is the time of' },
];

/** The six tables that the project promises. */
export const PROMISED_TABLES = [
  'status_chargingpoints',
  'status_connectors',
  'charging_station',
  'charging_point',
  'connector',
  'time',
] as const;

/** How a view's column says that it is the key, which no constraint can. */
const KEY_COMMENT = /^Key\b/;

/** Whether a column is the key, or part of it. */
export function isKey({ isPrimaryKey, comment }: Column): boolean {
  return isPrimaryKey || KEY_COMMENT.test(comment ?? '');
}

/** The table that a column refers to; null where it refers to none. */
export function referredTo({ schema, name }: Relation, column: Column): string | null {
  const reference = REFERENCES.find(
    ({ from, column: referring }) => from === name && referring === column.name,
  );
  return (schema === 'public' ? reference?.to : undefined) ?? column.references;
}
