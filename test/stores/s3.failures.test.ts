import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/stores/open.js';
import { createS3Client } from '../../src/stores/s3Client.js';
import { startS3Server, whyNoS3Server, type S3Server } from '../support/s3Server.js';

const reason = await whyNoS3Server();

describe.skipIf(reason !== null)(
  reason === null ? 'S3 that fails' : `S3 that fails: skipped, ${reason}`,
  () => {
    let server: S3Server;
    beforeAll(async () => {
      server = await startS3Server();
      await server.bucket('tests');
    });
    afterAll(() => server.stop());

    it('knows its own object again when the answer to putNew was lost', async () => {
      const lines = await startBadLine(server.endpoint, 'lose the answer');
      const store = openStore('s3://tests', { ...server.env, AWS_ENDPOINT_URL_S3: lines.endpoint });
      expect(await store.putNew('lost/answer', Buffer.from('first'))).toBe(true);
      expect(lines.failures()).toBe(1);
      expect(await store.putNew('lost/answer', Buffer.from('first'))).toBe(false);
      expect((await store.get('lost/answer')).toString()).toBe('first');
      await store.close();
      await lines.close();
    });

    it('reads an object again whose body broke off', async () => {
      const body = Buffer.alloc(1_000_000, 'x');
      const direct = openStore('s3://tests', server.env);
      await direct.put('broken/off', body);
      const lines = await startBadLine(server.endpoint, 'cut the body');
      const store = openStore('s3://tests', { ...server.env, AWS_ENDPOINT_URL_S3: lines.endpoint });
      expect(body.equals(await store.get('broken/off'))).toBe(true);
      expect(lines.failures()).toBe(1);
      await Promise.all([store.close(), direct.close(), lines.close()]);
    });

    it('leaves no parts behind when a stream fails', async () => {
      const store = openStore('s3://tests', server.env);
      const failing = (async function* () {
        for (let i = 0; i < 20; i++) yield Buffer.alloc(1_000_000);
        await Promise.reject(new Error('the source broke'));
      })();
      await expect(store.putStream('parts', Readable.from(failing))).rejects.toThrow('the source broke');
      const client = createS3Client(server.env);
      expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'tests' }))).Uploads ?? []).toEqual(
        [],
      );
      client.destroy();
      await store.close();
    });

    it('says what to do about a bucket that is not there', async () => {
      const store = openStore('s3://absent/prefix', server.env);
      const message =
        /s3:\/\/absent\/prefix: can't .*: NoSuchBucket: .*\. Create the bucket, or give another bucket/;
      await expect(store.get('a')).rejects.toThrow(message);
      await expect(store.put('a', Buffer.from('x'))).rejects.toThrow(message);
      await expect(store.putNew('a', Buffer.from('x'))).rejects.toThrow(message);
      await expect(store.listFolders('')).rejects.toThrow(message);
      await store.close();
    });

    it('says what to do about wrong keys', async () => {
      const store = openStore('s3://tests', { ...server.env, AWS_SECRET_ACCESS_KEY: 'wrong' });
      await expect(store.get('a')).rejects.toThrow(/SignatureDoesNotMatch: .*Check AWS_SECRET_ACCESS_KEY/);
      await store.close();
    });

    it('says what to do where no server listens', async () => {
      const store = openStore('s3://tests', { ...server.env, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
      await expect(store.get('a')).rejects.toThrow(
        /ECONNREFUSED.*Check that a server listens at the endpoint/,
      );
      await store.close();
    });
  },
);

type Failure = 'lose the answer' | 'cut the body';

/** Start a proxy to the server that fails once: at the first response that passes it. */
async function startBadLine(
  endpoint: string,
  failure: Failure,
): Promise<{ endpoint: string; failures(): number; close(): Promise<void> }> {
  let failures = 0;
  const line: Server = createServer((asked, answered) => {
    const { method, headers, url = '' } = asked;
    const passedOn = request(new URL(url, endpoint), { method, headers }, (answer) => {
      if (failures++ === 0) fail(failure, answer, answered);
      else answer.pipe(answered.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    asked.pipe(passedOn);
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    failures: () => Math.min(failures, 1),
    close: async () => {
      line.closeAllConnections();
      line.close();
      await once(line, 'close');
    },
  };
}

function fail(failure: Failure, answer: IncomingMessage, answered: ServerResponse): void {
  answer.resume();
  if (failure === 'lose the answer') {
    answer.on('end', () => answered.destroy());
  } else {
    answered.writeHead(answer.statusCode ?? 500, answer.headers);
    answered.write('half of it', () => answered.destroy());
  }
}
