import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../src/stores/open.js';
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

  describe('in a bucket', () => {
    describeStore(() => Promise.resolve(openStore('s3://tests', server.env)));
  });

  describe('below a prefix', () => {
    describeStore(() => Promise.resolve(openStore(`s3://tests-below/${randomUUID()}/ü`, server.env)));
    beforeAll(() => server.bucket('tests-below'));
  });
});
