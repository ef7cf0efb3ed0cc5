import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { createAnswerClient, PollFailure } from '../../src/sources/answer.js';

it('a request that fails tells neither password nor key, however deep it is looked into', async () => {
  const client = createAnswerClient({
    userAgent: 'ladepuls-test',
    connectTimeoutMs: 2_000,
    totalTimeoutMs: 5_000,
    maxBodyBytes: 1_000_000,
    maxEncodedBytes: 500_000,
    maxSocketsPerHost: 1,
  });
  onTestFinished(() => client.close());
  const failure: unknown = await client
    .request('http://me:pass-word@127.0.0.1:1/cp?key=4711')
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PollFailure);
  expect(failure).toMatchObject({ reason: 'refused', cause: { code: 'ECONNREFUSED' } });
  const text = inspect(failure, { depth: Infinity, showHidden: true });
  expect(text).toContain('http://…@127.0.0.1:1/cp?key=…');
  expect(text).not.toMatch(/pass-word|4711|bWU6/);
});
