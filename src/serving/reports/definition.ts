import type { Bucketed, PeriodQuery } from '../../warehouse/measures.js';
import type { Value, ValueKind } from '../ui/value.js';
import type { RowKind } from './names.js';

/** Column of a report. */
export interface Column {
  /** Name for people; `key` is the name for programs. */
  name: string;
  key: string;
  kind: ValueKind;
  /** Whether the value is the difference to the period before. */
  isChange?: boolean;
  /** Whether the column is only for programs, because its values are too long for a table. */
  isLong?: boolean;
}

/** A column with the function that derives its values. */
export interface ColumnOf<M> extends Column {
  of: (measures: M) => Value;
}

/** Measures of one key or of the total, in one bucket or in the whole period. */
export interface Measured extends Bucketed {
  /** Values in the order of the columns. */
  values: Value[];
  /** Value by which the report ranks. */
  measure: number | null;
}

/** Definition of a report, independent of its roll-up. */
export interface Definition {
  /** What the report measures, in one sentence. */
  meaning: string;
  columns: readonly Column[];
  /** Kind of the value by which the report ranks. */
  kind: ValueKind;
  worstFirst: boolean;
  read(url: string, query: PeriodQuery<RowKind>): Promise<Measured[]>;
}

/** Make a report's definition from a query and from columns that are derived from its measures. */
export function define<M extends Bucketed, By extends RowKind>({
  measure,
  columns,
  read,
  worstFirst = false,
  ...rest
}: {
  meaning: string;
  measure: (measures: M) => number | null;
  kind: ValueKind;
  worstFirst?: boolean;
  columns: ColumnOf<M>[];
  read: (url: string, query: PeriodQuery<By>) => Promise<M[]>;
}): Definition {
  return {
    ...rest,
    worstFirst,
    columns,
    async read(url, query) {
      // `names.ts` lists the roll-ups of each report, and the callers check them.
      const measured = await read(url, query as PeriodQuery<By>);
      return measured.map((one) => ({
        isTotal: one.isTotal,
        key: one.key,
        label: one.label,
        bucket: one.bucket,
        values: columns.map(({ of }) => of(one)),
        measure: measure(one),
      }));
    },
  };
}

/** Return a column with the difference to the period before. */
export function changeOf<M>({ kind, of }: Pick<ColumnOf<M>, 'kind' | 'of'>): ColumnOf<M> {
  return { name: 'change', key: 'change', kind, of, isChange: true };
}
