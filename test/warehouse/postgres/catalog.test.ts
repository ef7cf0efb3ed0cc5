import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { readCatalog, uncommented } from '../../../src/warehouse/postgres/catalog.js';
import { dataModelPage } from '../../../src/build/dataModelPage.js';
import { openPool } from '../../../src/warehouse/postgres/database.js';
import { createDatabase } from '../../support/database.js';

let pool: pg.Pool;
beforeAll(async () => {
  const database = await createDatabase();
  pool = openPool(database.url, 1);
  return async () => {
    await pool.end();
    await database.drop();
  };
});

test('the catalog tells columns in their order, with keys, references and comments', async () => {
  const relations = await readCatalog(pool, ['public', 'ops']);
  expect(relations.map(({ schema }) => schema)).toEqual(
    relations
      .map(({ schema }) => schema)
      .sort()
      .reverse(),
  );
  const connector = relations.find(({ name }) => name === 'connector');
  expect(connector?.columns.slice(0, 2)).toEqual([
    {
      name: 'id_connector',
      type: 'varchar',
      isNullable: false,
      isPrimaryKey: true,
      references: null,
      comment: "Key: the source's id of the connector.",
    },
    {
      name: 'id_cp',
      type: 'varchar',
      isNullable: false,
      isPrimaryKey: false,
      references: 'charging_point',
      comment: 'The charging point of the connector: charging_point.id_cp.',
    },
  ]);
  const page = dataModelPage(relations, '# The data model');
  expect(page).toContain(
    '| `id_cp` | varchar | no | FK charging_point | The charging point of the connector: charging_point.id_cp. |',
  );
  expect(page).toContain('  charging_point ||--o{ connector : "has"');
  expect(page).toContain('    varchar id_status_cp PK');
});

test('what lacks a comment is named', async () => {
  await pool.query('create table ops.novelty (day date, weather varchar)');
  await pool.query("comment on column ops.novelty.day is 'The local day.'");
  expect(uncommented(await readCatalog(pool, ['public', 'ops']))).toEqual([
    'table ops.novelty',
    'column ops.novelty.weather',
  ]);
});

test('a diagram that names what does not exist is refused', async () => {
  const relations = await readCatalog(pool, ['public']);
  expect(() =>
    dataModelPage(
      relations.filter(({ name }) => name !== 'time'),
      '',
    ),
  ).toThrow(/names the table time/);
});
