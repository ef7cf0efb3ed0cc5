import type pg from 'pg';

/** What facts take on disk. */
export interface FactBytes {
  facts: number;
  spans: number;
  /** Of the spans with their indexes, and of the polls with theirs. */
  spanBytes: number;
  pollBytes: number;
  /** Bytes a fact, spans and polls included. */
  bytesAFact: number;
  /** Bytes a span with its entries in indexes, without polls. */
  bytesASpan: number;
}

/** Measures what the facts of a warehouse take, indexes and polls included. */
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
