import type { STATUS_FILES } from '../../domain/flatFiles.js';
import type { LedgerEntry } from '../../domain/ledger.js';

/** One of the two kinds of facts. */
export interface Fact {
  /** Kind of the observed entity. The table of its published status spans is named after it. */
  name: string;
  /** Name of the table or view that readers query. */
  view: string;
  id: string;
  /** Columns with the observed statuses. */
  columns: readonly string[];
  /** Flat file of the status spans, and, with prefix `new_`, their staging table. */
  spans: (typeof STATUS_FILES)[number];
  /** Field of the ledger that counts the facts. */
  counted: keyof LedgerEntry;
  /** Content spans of the observed entity, and the column of its id. */
  entity: { spans: string; id: string };
}

export const FACTS: readonly Fact[] = [
  {
    name: 'charging_point',
    view: 'status_chargingpoints',
    id: 'id_chargingpoint',
    columns: ['status_cp', 'status_parkingsensor'],
    spans: 'charging_point_status_span',
    counted: 'charging_point_facts',
    entity: { spans: 'charging_point_content_span', id: 'id_cp' },
  },
  {
    name: 'connector',
    view: 'status_connectors',
    id: 'id_connector',
    columns: ['status_connector'],
    spans: 'connector_status_span',
    counted: 'connector_facts',
    entity: { spans: 'connector_content_span', id: 'id_connector' },
  },
];
