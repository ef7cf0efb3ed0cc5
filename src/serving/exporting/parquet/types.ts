import type { ParquetWriter } from 'hyparquet-writer';
import type { Column } from '../../../warehouse/relation.js';

export type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];
export type Value = string | number | bigint | boolean | readonly (string | null)[];

/** Type of a column in a Parquet file. */
export interface ColumnType {
  /** Schema elements of the column; a list has three. */
  elements: SchemaElement[];
  /**
   * Parse Postgres' text.
   *
   * @throws RangeError when the type can't hold the value
   */
  parse: (text: string) => Value;
}

type Kind = Omit<SchemaElement, 'name' | 'repetition_type'>;

const UTF8: Kind = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
const INT32: Kind = { type: 'INT32' };
const DOUBLE: Kind = { type: 'DOUBLE' };

const asText = (text: string) => text;

/**
 * Types by their names in Postgres. Every other type is exported as the text that Postgres writes, including JSON,
 * whose numbers readers would round.
 */
const SCALARS: Record<string, { kind: Kind; parse: (text: string) => Value }> = {
  bool: { kind: { type: 'BOOLEAN' }, parse: (text) => text === 'true' },
  int2: { kind: INT32, parse: Number },
  int4: { kind: INT32, parse: Number },
  int8: { kind: { type: 'INT64' }, parse: BigInt },
  float4: { kind: DOUBLE, parse: Number },
  float8: { kind: DOUBLE, parse: Number },
  // Numerics in the warehouse are percentages without a fixed scale, which a decimal type would need.
  numeric: { kind: DOUBLE, parse: Number },
  date: {
    kind: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
    parse: remembering(daysOf),
  },
  timestamptz: {
    kind: {
      type: 'INT64',
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    parse: remembering(microsecondsOf),
  },
};
const TEXT = { kind: UTF8, parse: asText };
const TEXT_ARRAYS = new Set(['_varchar', '_text']);

/**
 * Return the Parquet type of a warehouse column. Every column is nullable, so that files of all versions are
 * compatible.
 */
export function columnType({ name, type }: Column): ColumnType {
  if (TEXT_ARRAYS.has(type)) return { elements: listOfTexts(name), parse: listOf };
  const { kind, parse } = SCALARS[type] ?? TEXT;
  return { elements: [{ name, repetition_type: 'OPTIONAL', ...kind }], parse };
}

function listOfTexts(name: string): SchemaElement[] {
  return [
    {
      name,
      repetition_type: 'OPTIONAL',
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
      num_children: 1,
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', ...UTF8 },
  ];
}

function listOf(json: string): (string | null)[] {
  return JSON.parse(json) as (string | null)[];
}

/** Largest number of parsed texts in the cache. Most instants and days repeat, so that few entries are enough. */
const MOST_REMEMBERED = 10_000;

function remembering<V extends Value>(parse: (text: string) => V): (text: string) => V {
  const known = new Map<string, V>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = parse(text);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(text, value);
    return value;
  };
}

const DAY_MS = 86_400_000;

function daysOf(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw new RangeError(`the date ${text} can't be written: only years 1 to 9999 can`);
  return ms / DAY_MS;
}

/** Return the microseconds since 1970 of an instant such as `2022-01-11 20:58:29.123456+00`. */
function microsecondsOf(text: string): bigint {
  const [, date, time, fraction = ''] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(ms))
    throw new RangeError(`the instant ${text} can't be written: only years 1 to 9999 can`);
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'));
}
