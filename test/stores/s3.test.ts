import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/stores/open.js';
import type { Store } from '../../src/stores/store.js';
import { startS3Server, whyNoS3Server, type S3Server } from '../support/s3Server.js';
import { describeStore } from './store.suite.js';

const reason = await whyNoS3Server();

describe.skipIf(reason !== null)(reason === null ? 'S3Store' : `S3Store: skipped, ${reason}`, () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
    await server.bucket('tests');
  });
  afterAll(() => server.stop());

  describeStore(() => Promise.resolve(openStore('s3://tests/below/ä prefix', server.env)));

  it('sees nothing but its own prefix', async () => {
    const [whole, one, other] = ['s3://apart', 's3://apart/one', 's3://apart/one-more'].map((url) =>
      openStore(url, server.env),
    ) as [Store, Store, Store];
    await server.bucket('apart');
    await one.put('a/b', Buffer.from('one'));
    await other.put('a/b', Buffer.from('other'));
    expect(await keys(one)).toEqual(['a/b']);
    expect(await keys(other)).toEqual(['a/b']);
    expect(await keys(whole)).toEqual(['one-more/a/b', 'one/a/b']);
    expect(await whole.listFolders('')).toEqual(['one', 'one-more']);
    expect((await one.get('a/b')).toString()).toBe('one');
    await Promise.all([whole, one, other].map((store) => store.close()));
  });
});

async function keys(store: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('')) found.push(key);
  return found;
}
