import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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

    it.each(['putNew', 'putNewStream', 'put', 'putStream'] as const)(
      'repeats %s where another write of the key is in progress',
      async (method) => {
        const lines = await startBadLine(server.endpoint, refuse(409, 'ConditionalRequestConflict'));
        const store = openStore('s3://tests', { ...server.env, AWS_ENDPOINT_URL_S3: lines.endpoint });
        const body = Buffer.from('first');
        if (method === 'putNew' || method === 'put') await store[method](`conflict/${method}`, body);
        else await store[method](`conflict/${method}`, Readable.from([body]));
        expect(lines.failures()).toBe(1);
        expect((await store.get(`conflict/${method}`)).toString()).toBe('first');
        await Promise.all([store.close(), lines.close()]);
      },
    );

    it('knows its own object again when the answer to the last request of an upload was lost', async () => {
      const isLast = ({ method }: IncomingMessage) => method === 'POST' && ++posts === 2;
      let posts = 0;
      const lines = await startBadLine(server.endpoint, 'lose the answer', isLast);
      const store = openStore('s3://tests', { ...server.env, AWS_ENDPOINT_URL_S3: lines.endpoint });
      expect(await store.putNewStream('lost/upload', ofMegabytes(20))).toBe(true);
      expect(lines.failures()).toBe(1);
      expect((await store.get('lost/upload')).length).toBe(20_000_000);
      await Promise.all([store.close(), lines.close()]);
    });

    it('reads a stream at most two parts ahead of S3', async () => {
      let [given, ahead] = [0, 0];
      const lines = await startBadLine(server.endpoint, 'lose the answer', () => false);
      const store = openStore('s3://tests', { ...server.env, AWS_ENDPOINT_URL_S3: lines.endpoint });
      const source = async function* () {
        for await (const chunk of ofMegabytes(60)) {
          ahead = Math.max(ahead, (given += (chunk as Buffer).length) - lines.received());
          yield chunk as Buffer;
        }
      };
      await store.putStream('memory', Readable.from(source(), { objectMode: false }));
      expect(given).toBe(60_000_000);
      expect(ahead).toBeLessThan(2 * 8 * 1024 * 1024 + 2_000_000);
      await Promise.all([store.close(), lines.close()]);
    });

    it('ends the source of an upload that fails', async () => {
      const store = openStore('s3://absent', server.env);
      const source = ofMegabytes(1_000_000);
      await expect(store.putStream('a', source)).rejects.toThrow(/NoSuchBucket/);
      await vi.waitFor(() => expect(source.destroyed).toBe(true));
      await store.close();
    });

    it('reports the failure of a stream, even if S3 does not remove its parts', async () => {
      await server.bucket('stuck');
      const isAbort = ({ method }: IncomingMessage) => method === 'DELETE';
      const lines = await startBadLine(server.endpoint, refuse(403, 'AccessDenied'), isAbort);
      const store = openStore('s3://stuck', { ...server.env, AWS_ENDPOINT_URL_S3: lines.endpoint });
      await expect(store.putStream('parts', ofMegabytes(20, 'the source broke'))).rejects.toThrow(
        'the source broke',
      );
      expect(lines.failures()).toBe(1);
      await Promise.all([store.close(), lines.close()]);
    });

    it('leaves no parts behind when a stream fails', async () => {
      const store = openStore('s3://tests', server.env);
      await expect(store.putStream('parts', ofMegabytes(20, 'the source broke'))).rejects.toThrow(
        'the source broke',
      );
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
        /ECONNREFUSED.*Check that a server listens on the endpoint/,
      );
      await store.close();
    });
  },
);

/** A stream of megabytes, which then ends or fails. */
function ofMegabytes(count: number, failure?: string): Readable {
  const megabytes = (async function* () {
    for (let i = 0; i < count; i++) yield Buffer.alloc(1_000_000);
    if (failure !== undefined) await Promise.reject(new Error(failure));
  })();
  return Readable.from(megabytes, { objectMode: false });
}

type Failure = 'lose the answer' | 'cut the body' | { status: number; code: string };

/** S3's answer to a request that it refuses. */
function refuse(status: number, code: string): Failure {
  return { status, code };
}

interface BadLine {
  endpoint: string;
  failures(): number;
  /** Bytes of bodies that came in. */
  received(): number;
  close(): Promise<void>;
}

/**
 * Start a proxy to the server that fails once.
 *
 * @param isFailing chooses the request that fails; the first by default
 */
async function startBadLine(
  endpoint: string,
  failure: Failure,
  isFailing: (request: IncomingMessage) => boolean = () => true,
): Promise<BadLine> {
  let [failures, received] = [0, 0];
  const line: Server = createServer((asked, answered) => {
    const { method, headers, url = '' } = asked;
    const isFailure = failures === 0 && isFailing(asked);
    if (isFailure) failures++;
    asked.on('data', (chunk: Buffer) => (received += chunk.length));
    if (isFailure && typeof failure === 'object') {
      answerRefusal(failure, asked, answered);
      return;
    }
    const passedOn = request(new URL(url, endpoint), { method, headers }, (answer) => {
      if (isFailure) fail(failure, answer, answered);
      else answer.pipe(answered.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    asked.pipe(passedOn);
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    failures: () => failures,
    received: () => received,
    close: async () => {
      line.closeAllConnections();
      line.close();
      await once(line, 'close');
    },
  };
}

function answerRefusal(
  { status, code }: Exclude<Failure, string>,
  asked: IncomingMessage,
  answered: ServerResponse,
): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>refused</Message></Error>`;
  asked.on('end', () => answered.writeHead(status, { 'content-type': 'application/xml' }).end(body));
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
