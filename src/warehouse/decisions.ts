import { z } from 'zod';

/** One row of a table of schema `config`, by its columns. */
export type Decision = Record<string, string | boolean>;

const text = z.string().trim().min(1, 'it must not be empty');
const truth = z
  .union([z.boolean(), z.enum(['true', 'false'])], 'it must be true or false')
  .transform((value) => value === true || value === 'true');

/** The tables of schema `config`: what people decide and no feed says. The first column is the key. */
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

/** A table's columns, in order. */
export function columnsOf(table: DecisionTable): string[] {
  return Object.keys(DECISIONS[table].shape);
}
