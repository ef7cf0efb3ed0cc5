/** A table or view, as described by the database. */
export interface Relation {
  schema: string;
  name: string;
  isView: boolean;
  comment: string | null;
  /** Columns in the order of their definition. */
  columns: Column[];
}

export interface Column {
  name: string;
  /** Postgres' short name of the type, such as timestamptz. The name of an array type begins with an underscore. */
  type: string;
  /** Whether the column may be null; null for a column of a view, for which Postgres does not know. */
  isNullable: boolean | null;
  isPrimaryKey: boolean;
  /** Name of the table that a foreign key of the column refers to. */
  references: string | null;
  comment: string | null;
}

interface Reference {
  from: string;
  column: string;
  to: string;
  /** Relation of one row of `to` to many rows of `from`. */
  verb: string;
}

/**
 * References between the six promised tables. The load ensures that facts and `time` obey them. There are no
 * constraints, because they would cost more than the load itself.
 */
export const REFERENCES: readonly Reference[] = [
  { from: 'charging_point', column: 'id_cs', to: 'charging_station', verb: 'has' },
  { from: 'connector', column: 'id_cp', to: 'charging_point', verb: 'has' },
  { from: 'status_chargingpoints', column: 'id_chargingpoint', to: 'charging_point', verb: 'is observed in' },
  { from: 'status_connectors', column: 'id_connector', to: 'connector', verb: 'is observed in' },
  { from: 'status_chargingpoints', column: 'query_time', to: 'time', verb: 'is the time of' },
  { from: 'status_connectors', column: 'query_time', to: 'time', verb: 'is the time of' },
];

/** The six tables that the project promises to readers. */
export const PROMISED_TABLES = [
  'status_chargingpoints',
  'status_connectors',
  'charging_station',
  'charging_point',
  'connector',
  'time',
] as const;

/** Beginning of the comment on a key column of a view, since a view can't have a key constraint. */
const KEY_COMMENT = /^Key\b/;

/** Return whether a column is the key or a part of the key. */
export function isKey({ isPrimaryKey, comment }: Column): boolean {
  return isPrimaryKey || KEY_COMMENT.test(comment ?? '');
}

/** Return the table that a column refers to; null if there is none. */
export function referredTo({ schema, name }: Relation, column: Column): string | null {
  const reference = REFERENCES.find(
    ({ from, column: referring }) => from === name && referring === column.name,
  );
  return (schema === 'public' ? reference?.to : undefined) ?? column.references;
}
