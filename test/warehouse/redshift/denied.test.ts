import { beforeAll, describe, expect, it } from 'vitest';
import { column, query } from '../support/query.js';
import { DENIED, findDenied } from './dialect/denied.js';
import { ABSENT_HINT, makeRedshiftBench, type RedshiftBench, whyNoRedshift } from './support/bench.js';

describe('what Redshift refuses', () => {
  it.each(DENIED)('$name: $why', (denied) => {
    expect(findDenied(denied.refused)).toContain(denied);
    expect(denied.source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/redshift\/latest\/dg\/\w[\w-]*\.html$/);
  });

  it('is not looked for in strings and comments', () => {
    expect(findDenied(`select 'on conflict returning' as a -- lateral\n from t /* jsonb */`)).toEqual([]);
  });
});

describe.skipIf(whyNoRedshift !== null)(`the stand-in for Redshift${ABSENT_HINT}`, () => {
  let bench: RedshiftBench;
  let url: string;
  beforeAll(async () => {
    bench = await makeRedshiftBench();
    url = bench.standIn.url.replace('redshift:', 'postgres:');
    return () => bench.remove();
  });

  it.each(DENIED)('refuses it: $name', async ({ refused, why }) => {
    await expect(query(url, refused)).rejects.toThrow(why);
  });

  it('refuses it of a statement with parameters too, and the transaction has failed', async () => {
    const statement = 'select 1 as a from ops.poll where feed is distinct from $1';
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('begin');
      await expect(client.query(statement, ['koeln'])).rejects.toThrow('is distinct from');
      await expect(client.query('select 1')).rejects.toThrow('aborted');
      await client.query('rollback');
      const { rows } = await client.query('select $1::int as one', [1]);
      expect(rows).toEqual([{ one: 1 }]);
    } finally {
      await client.end();
    }
  });

  it.each([
    ['copy t', 'expected copy TABLE'],
    [`copy t (a) from 's3://tests/none' iam_role 'x' manifest csv`, 'not authorized'],
  ])('refuses a COPY that is none: %s', async (statement, message) => {
    await expect(query(url, statement)).rejects.toThrow(message);
  });

  const OPTIONS = `iam_role 'arn:aws:iam::123456789012:role/ladepuls-redshift' manifest csv timeformat 'auto' emptyasnull`;
  it.each([
    [`${OPTIONS} header match`, 'syntax error at or near "header"'],
    [`${OPTIONS} maxerror 5`, 'syntax error at or near "maxerror 5"'],
    [OPTIONS.replace('manifest', ''), 'without manifest'],
    [OPTIONS.replace('emptyasnull', ''), 'without emptyasnull'],
    [OPTIONS, 's3://tests/none does not exist'],
  ])('refuses a COPY with the options: %s', async (options, message) => {
    await query(url, 'create table public.t (a int)').catch(() => undefined);
    await expect(query(url, `copy public.t (a) from 's3://tests/none' ${options}`)).rejects.toThrow(message);
  });

  it('refuses a manifest with a file that is missing', async () => {
    await bench.flat.put(
      't.json',
      Buffer.from('{"entries":[{"url":"s3://tests/flat/gone","mandatory":true}]}'),
    );
    await query(url, 'create table public.u (a int)');
    const copy = `copy public.u (a) from 's3://tests/flat/t.json' ${OPTIONS}`;
    await expect(query(url, copy)).rejects.toThrow('s3://tests/flat/gone does not exist');
  });

  it('counts the bytes of a varchar, and compares them', async () => {
    await query(
      url,
      'create table public.v (a varchar(32))',
      `insert into public.v values ('${'ä'.repeat(16)}'), ('Z')`,
    );
    await expect(query(url, `insert into public.v values ('${'ä'.repeat(16)}x')`)).rejects.toThrow(
      'bytes_32',
    );
    expect(await column(url, 'select a from public.v order by a')).toEqual(['Z', 'ä'.repeat(16)]);
  });
});
