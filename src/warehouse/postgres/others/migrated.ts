import { readdirSync, readFileSync } from 'node:fs';
import { packageUrl } from '../../../runtime/paths.js';

const FOLDER = packageUrl('sql/postgres/');
/**
 * Tables of Ladepuls that no migration creates. `public.schema_version` lists the applied migrations.
 * `ops.not_recreated` lists the objects that a rebuild could not create again.
 */
const OTHERWISE = ['public.schema_version', 'ops.not_recreated'];
const MADE =
  /create\s+(?:or\s+replace\s+)?(?:materialized\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?((?:public|ops|observation)\.\w+)/gi;
const RENAMED = /alter\s+table\s+(public|ops|observation)\.\w+\s+rename\s+to\s+(\w+)/gi;
const DROPPED = /drop\s+(?:column|constraint|index)\s+(?:if\s+exists\s+)?(?:\w+\.)?(\w+)/gi;

let texts: Map<number, string> | undefined;

/** Return the text of each migration, by its number. */
function migrations(): Map<number, string> {
  texts ??= new Map(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith('.sql'))
      .map((file) => [parseInt(file, 10), readFileSync(new URL(file, FOLDER), 'utf8')]),
  );
  return texts;
}

/**
 * Return the tables and views that migrations name in a `create` or `rename` statement, as `schema.name`.
 *
 * Migrations also create tables whose names they compute. Therefore a caller must also look at the tables of a new
 * warehouse.
 *
 * @param options.from number of the first migration
 * @param options.to number of the last migration, included
 */
export function madeByMigrations({ from = 0, to = Infinity } = {}): string[] {
  const made = [...migrations()]
    .filter(([number]) => number >= from && number <= to)
    .flatMap(([, text]) => [
      ...[...text.matchAll(MADE)].map(([, name]) => name ?? ''),
      ...[...text.matchAll(RENAMED)].map(([, schema, name]) => `${schema}.${name}`),
    ]);
  return [...OTHERWISE, ...made];
}

/** Return the names of columns, constraints and indexes that migrations drop. */
export function droppedByMigrations(): string[] {
  return [...migrations().values()].flatMap((text) =>
    [...text.matchAll(DROPPED)].map(([, name]) => name ?? ''),
  );
}
