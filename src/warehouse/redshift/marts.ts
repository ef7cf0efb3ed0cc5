import type pg from 'pg';
import { dayBounds } from '../../domain/day.js';
import { measuredHours } from '../load/hours.js';
import type { Load, PublishOptions } from '../warehouse.js';
import { publishEvents } from './events.js';
import { endedHours, publishCalendar, publishStatusHours } from './hours.js';
import { STATUS_INTERVAL, list } from '../load/tables.js';
import { literal } from '../literal.js';
import { publishParkingHours } from './parking.js';
import { PUBLISHED } from './schemas.js';

const PARKING = list(['hour', 'id_cp', 'status', 'status_parkingsensor', 'minutes']);

/**
 * Brings the measures up to date with the load's day. Call in the publication, once the load's runs are published. A load
 * that leaves its facts in the archive has no measures: they stay as they are.
 */
export async function publishMarts(
  client: pg.PoolClient,
  load: Load,
  options: PublishOptions,
): Promise<void> {
  if (load.withoutFacts && !load.isRebuild) return;
  const { timeZone } = options;
  if (load.withoutFacts) await keepPublished(client, load);
  await publishEvents(client, load, options);
  const hours = await endedHours(client, measuredHours(load, timeZone));
  const dayStart = dayBounds(load.day, timeZone).start;
  await publishCalendar(client, { dayStart, end: hours.end }, timeZone);
  await publishStatusHours(client, load.day, hours);
  if (!load.withoutFacts) await publishParkingHours(client, load, hours);
}

/** What follows from facts that stay in the archive is in the rebuilt warehouse what it is in the published one. */
async function keepPublished(client: pg.PoolClient, { day }: Load): Promise<void> {
  const columns = list(STATUS_INTERVAL.columns);
  await client.query('delete from new_status_interval');
  await client.query(
    `insert into new_status_interval (${columns})
     select ${columns} from ${PUBLISHED.ops}.status_interval where day = ${literal(day)}`,
  );
  await client.query(`delete from parking_hour where day = ${literal(day)}`);
  await client.query(
    `insert into parking_hour (day, ${PARKING})
     select day, ${PARKING} from ${PUBLISHED.warehouse}.parking_hour where day = ${literal(day)}`,
  );
}
