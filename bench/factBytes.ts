import type pg from 'pg';

/** Sizes of the facts on disk. */
export interface FactBytes {
  facts: number;
  spans: number;
  /** Bytes of the tables of spans with their indexes; `pollBytes` are those of the polls with their indexes. */
  spanBytes: number;
  pollBytes: number;
  /** Bytes per fact, including spans and polls. */
  bytesAFact: number;
  /** Bytes per span, including its index entries, but no polls. */
  bytesASpan: number;
}

/** Measure the size of a warehouse's facts on disk, including indexes and polls. */
export async function measureFacts(client: pg.ClientBase): Promise<FactBytes> {
  const { rows } = await client.query<Record<'facts' | 'spans' | 'span_bytes' | 'poll_bytes', string>>(
    `select
       (select sum(charging_point_facts + connector_facts) from ops.poll) as facts,
       (select count(*) from observation.charging_point_span) + (select count(*) from observation.connector_span) as spans,
       pg_total_relation_size('observation.charging_point_span') + pg_total_relation_size('observation.connector_span')
         as span_bytes,
       pg_total_relation_size('ops.poll') as poll_bytes`,
  );
  const [facts = NaN, spans = NaN, spanBytes = NaN, pollBytes = NaN] = Object.values(rows[0] ?? {}).map(
    Number,
  );
  return {
    facts,
    spans,
    spanBytes,
    pollBytes,
    bytesAFact: (spanBytes + pollBytes) / facts,
    bytesASpan: spanBytes / spans,
  };
}
