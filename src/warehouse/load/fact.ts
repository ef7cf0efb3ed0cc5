import type { STATUS_FILES } from '../../domain/flatFiles.js';
import type { LedgerEntry } from '../../domain/ledger.js';

/** One of the two facts. */
export interface Fact {
  /** What the fact is about. Names the table of its status spans. */
  name: string;
  /** What readers see. */
  view: string;
  id: string;
  /** What an observation says. */
  columns: readonly string[];
  /** The status spans that a load has in staging. */
  spans: (typeof STATUS_FILES)[number];
  /** Where the ledger counts the facts. */
  counted: keyof LedgerEntry;
  /** The content spans of what is observed. */
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
