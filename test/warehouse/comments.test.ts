import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../support/database.js';
import { sharedComponent } from '../support/sharedComponent.js';
import { column, query } from './support/query.js';

const FOLDER = new URL('../../sql/postgres/', import.meta.url);
const COMMENTS = '018.do.comments.sql';
const textOf = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');

it('comments are written, although a table of schema config belongs to another role', async () => {
  const server = await sharedComponent('postgres');
  const database = await createDatabase('nothing');
  const role = `test_${randomBytes(6).toString('hex')}`;
  await query(server, `create role ${role}`);
  onTestFinished(async () => {
    await database.drop();
    await query(server, `drop role ${role}`);
  });
  const before = readdirSync(FOLDER).filter((name) => name.endsWith('.sql') && name < COMMENTS);
  await query(database.url, ...before.sort().map(textOf));
  await query(
    database.url,
    `grant ${role} to current_user with inherit true, set true`,
    `grant create on schema config to ${role}`,
    `alter table config.status_group owner to ${role}`,
    `revoke ${role} from current_user`,
  );

  await query(database.url, textOf(COMMENTS));
  const comment = (object: string) => column(database.url, `select obj_description('${object}'::regclass)`);
  expect(await comment('ops.poll')).toEqual(['Polls that were loaded: one for each feed and slot.']);
  expect(await comment('config.status_group')).toEqual([expect.stringMatching('stands for')]);
});
