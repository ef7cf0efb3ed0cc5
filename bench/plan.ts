import type pg from 'pg';

/** A node of `explain (analyze, buffers, format json)`. Its numbers of rows are means over the node's loops. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Plan Rows'?: number;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Join Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: PlanNode[];
}

/** Measurements of a statement. */
export interface Explained {
  /** Rows that all nodes of the plan returned or removed. It tells a bad plan from a good one, on any machine. */
  work: number;
  /** Pages of 8 kB that were in Postgres' cache (`hit`) or were not (`read`). */
  buffers: { hit: number; read: number };
  milliseconds: number;
  plan: PlanNode;
}

/** Execute a statement with `explain analyze`, and return its measurements. */
export async function explain(client: pg.ClientBase, statement: string): Promise<Explained> {
  const { rows } = await client.query<{
    'QUERY PLAN': [{ Plan: PlanNode; 'Execution Time': number }];
  }>(`explain (analyze, buffers, timing off, format json) ${statement}`);
  const [explained] = rows[0]?.['QUERY PLAN'] ?? [];
  if (!explained) throw new Error('Postgres explained nothing');
  const { Plan: plan } = explained;
  return {
    work: workOf(plan),
    buffers: { hit: plan['Shared Hit Blocks'] ?? 0, read: plan['Shared Read Blocks'] ?? 0 },
    milliseconds: explained['Execution Time'],
    plan,
  };
}

function workOf(node: PlanNode): number {
  const rows =
    node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  const below = (node.Plans ?? []).map(workOf);
  return below.reduce((sum, work) => sum + work, rows * node['Actual Loops']);
}
