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
  run: (typeof STATUS_FILES)[number];
  /** Where the ledger counts the facts. */
  counted: keyof LedgerEntry;
  /** The content spans of what is observed. */
  entity: { run: string; id: string };
}

export const FACTS: readonly Fact[] = [
  {
    name: 'charging_point',
    view: 'status_chargingpoints',
    id: 'id_chargingpoint',
    columns: ['status_cp', 'status_parkingsensor'],
    run: 'charging_point_status_run',
    counted: 'charging_point_facts',
    entity: { run: 'charging_point_run', id: 'id_cp' },
  },
  {
    name: 'connector',
    view: 'status_connectors',
    id: 'id_connector',
    columns: ['status_connector'],
    run: 'connector_status_run',
    counted: 'connector_facts',
    entity: { run: 'connector_run', id: 'id_connector' },
  },
];
