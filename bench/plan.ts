import type pg from 'pg';

/** A node of `explain (analyze, buffers, format json)`; rows are means of the node's loops. */
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

/** What a statement did. */
export interface Explained {
  /** Rows that all nodes of the plan made or removed: tells a bad plan from a good one on any machine. */
  work: number;
  /** Pages of 8 kB that were found in Postgres' cache, and that were not. */
  buffers: { hit: number; read: number };
  milliseconds: number;
  plan: PlanNode;
}

/** Runs a statement and tells what it did. */
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
