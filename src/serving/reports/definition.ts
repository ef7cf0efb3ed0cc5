import type { Bucketed, PeriodQuery } from '../../warehouse/measures.js';
import type { Value, ValueKind } from '../ui/value.js';
import type { RowKind } from './names.js';

export interface Column {
  /** What people read; the key is what programs do. */
  name: string;
  key: string;
  kind: ValueKind;
  /** It is the difference to the period before. */
  isChange?: boolean;
  /** It is for programs: too long for a table. */
  isLong?: boolean;
}

/** A column, and where its values come from. */
export interface ColumnOf<M> extends Column {
  of: (measures: M) => Value;
}

/** What was measured of one key, or of all, in one bucket or in the whole period. */
export interface Measured extends Bucketed {
  /** In the order of the columns. */
  values: Value[];
  /** What the report ranks by. */
  measure: number | null;
}

/** What a report has, however its rows are summed up. */
export interface Definition {
  /** In one sentence: what is measured. */
  meaning: string;
  columns: readonly Column[];
  /** How what is ranked by is shown. */
  kind: ValueKind;
  worstFirst: boolean;
  read(url: string, query: PeriodQuery<RowKind>): Promise<Measured[]>;
}

/** Makes a definition of what is read and what is made of it. */
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
      // Which rows a report may have, whoever asks for it has seen to: `names.ts`.
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

/** The difference of a column to the period before. */
export function changeOf<M>({ kind, of }: Pick<ColumnOf<M>, 'kind' | 'of'>): ColumnOf<M> {
  return { name: 'change', key: 'change', kind, of, isChange: true };
}
