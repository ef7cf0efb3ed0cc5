import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Requests of S3 by what they are billed as, and the bytes of bodies to and from it. */
export interface S3Counts {
  put: number;
  get: number;
  list: number;
  head: number;
  delete: number;
  sentBytes: number;
  receivedBytes: number;
}

/** A server that hands every request on to an S3 server and counts it. */
export interface S3Counter {
  endpoint: string;
  /** What was counted since the last call. */
  take(): S3Counts;
  stop(): Promise<void>;
}

const NONE: S3Counts = { put: 0, get: 0, list: 0, head: 0, delete: 0, sentBytes: 0, receivedBytes: 0 };

/** Starts a counter on a free port of 127.0.0.1. */
export async function countS3(endpoint: string): Promise<S3Counter> {
  let counts = { ...NONE };
  const server = createServer((incoming, outgoing) => {
    counts[kindOf(incoming)] += 1;
    incoming.on('data', (chunk: Buffer) => (counts.sentBytes += chunk.length));
    handOn(incoming, outgoing, endpoint, (bytes) => (counts.receivedBytes += bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = counts;
      counts = { ...NONE };
      return taken;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function kindOf({ method = 'GET', url }: IncomingMessage): 'put' | 'get' | 'list' | 'head' | 'delete' {
  switch (method) {
    case 'GET':
      return url?.includes('list-type=2') ? 'list' : 'get';
    case 'HEAD':
      return 'head';
    case 'DELETE':
      return 'delete';
    default:
      return 'put'; // POST too: the beginning and the end of an upload in parts
  }
}

/** The Host header stays: requests are signed with it. */
function handOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  endpoint: string,
  count: (bytes: number) => void,
): void {
  const { method, headers } = incoming;
  const onward = request(new URL(incoming.url ?? '/', endpoint), { method, headers }, (answer) => {
    answer.on('data', (chunk: Buffer) => count(chunk.length));
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
