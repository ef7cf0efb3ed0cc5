import { z } from 'zod';

/** One row of a table of schema `config`: a value for each column. */
export type Decision = Record<string, string | boolean>;

const text = z.string().trim().min(1, 'it must not be empty');
const truth = z
  .union([z.boolean(), z.enum(['true', 'false'])], 'it must be true or false')
  .transform((value) => value === true || value === 'true');

/** The tables of schema `config`, which hold decisions of people that no feed provides. The first column is the key. */
export const DECISIONS = {
  status_group: z.strictObject({
    status: text,
    status_group: z.enum(
      ['available', 'occupied', 'out_of_service', 'unknown'],
      'it must be available, occupied, out_of_service or unknown',
    ),
    is_charging: truth,
  }),
  operator_spelling: z.strictObject({ spelling: text, operator: text }),
} as const;

export type DecisionTable = keyof typeof DECISIONS;
export const DECISION_TABLES = Object.keys(DECISIONS) as DecisionTable[];

/** Return the names of a table's columns, in order. */
export function columnsOf(table: DecisionTable): string[] {
  return Object.keys(DECISIONS[table].shape);
}

/** Return whether a column is boolean. All other columns are texts. */
export function isTruth(table: DecisionTable, column: string): boolean {
  return (DECISIONS[table].shape as Record<string, unknown>)[column] === truth;
}

/** Rows of these tables in a new warehouse, as the migrations insert them. */
export const DEFAULT_DECISIONS: Record<DecisionTable, Decision[]> = {
  status_group: [
    { status: 'AVAILABLE', status_group: 'available', is_charging: false },
    { status: 'CHARGING', status_group: 'occupied', is_charging: true },
    { status: 'RESERVED', status_group: 'occupied', is_charging: false },
    { status: 'BLOCKED', status_group: 'occupied', is_charging: false },
    { status: 'OUTOFORDER', status_group: 'out_of_service', is_charging: false },
    { status: 'INOPERATIVE', status_group: 'out_of_service', is_charging: false },
    { status: 'UNKNOWN', status_group: 'unknown', is_charging: false },
  ],
  operator_spelling: [],
};
