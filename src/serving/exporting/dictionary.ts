import type { Store } from '../../stores/store.js';
import { DICTIONARY_LEGEND, dictionaryEntry } from '../../warehouse/dictionary.js';
import { isKey, referredTo, type Relation } from '../../warehouse/relation.js';
import { isOfDays } from './selection.js';

/**
 * Write the meaning of every table and column, from the comments in the database, to `dictionary.json` for programs and
 * `dictionary.md` for people. All tables are included, because several exports may fill one folder.
 *
 * @param timeZone time zone of the local days
 */
export async function putDictionary(store: Store, relations: Relation[], timeZone: string): Promise<void> {
  const tables = relations.map((relation) => ({
    name: relation.name,
    is_view: relation.isView,
    meaning: relation.comment,
    partitioned_by: isOfDays(relation) ? 'day' : null,
    columns: relation.columns.map((column) => ({
      name: column.name,
      type: column.type,
      nullable: column.isNullable,
      is_key: isKey(column),
      references: referredTo(relation, column),
      meaning: column.comment,
    })),
  }));
  const json = `${JSON.stringify({ version: 1, time_zone: timeZone, tables }, null, 2)}\n`;
  await store.put('dictionary.json', Buffer.from(json));
  await store.put('dictionary.md', Buffer.from(dictionaryPage(relations, timeZone)));
}

function dictionaryPage(relations: Relation[], timeZone: string): string {
  return `# Data dictionary

What the tables that Ladepuls exports mean. Types are Postgres'. Instants (timestamptz) are written in UTC; a day is a local
day of ${timeZone}, and tables with a column \`day\` stand in folders named by it.

${DICTIONARY_LEGEND}

${relations.map(dictionaryEntry).join('\n')}`;
}
