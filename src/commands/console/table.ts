import Table from 'cli-table3';

/** A value of a query result, as Postgres and JSON represent it. */
export type Cell = string | number | boolean | null | object | undefined;

/**
 * Format rows as a table for people. Null becomes an empty cell.
 * Columns of numbers are aligned to the right, and so are the columns from index `from` to before `to`, which hold
 * numbers with a unit.
 */
export function formatTable(columns: string[], rows: Cell[][], [from, to] = [0, 0]): string {
  const isNumeric = columns.map(
    (_, index) =>
      (index >= from && index < to) ||
      rows.every((row) => row[index] === null || typeof row[index] === 'number'),
  );
  const table = new Table({
    head: columns,
    colAligns: isNumeric.map((numeric) => (numeric ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => row.map(formatCell)));
  return table.toString();
}

function formatCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'object') return JSON.stringify(cell);
  return String(cell);
}
