import Table from 'cli-table3';

/** A value of an answer, as Postgres and JSON know it. */
export type Cell = string | number | boolean | null | object | undefined;

/** Rows as a table for people: numbers to the right, and columns from one to another that are numbers with a unit; null as nothing. */
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
