import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Numbers of S3 requests by how they are billed, and the bytes of bodies to and from S3. */
export interface S3Counts {
  put: number;
  get: number;
  list: number;
  head: number;
  delete: number;
  sentBytes: number;
  receivedBytes: number;
}

/** A proxy that counts each request and passes it on to an S3 server. */
export interface S3Counter {
  endpoint: string;
  /** Returns the counts since the previous call. */
  take(): S3Counts;
  stop(): Promise<void>;
}

const NONE: S3Counts = { put: 0, get: 0, list: 0, head: 0, delete: 0, sentBytes: 0, receivedBytes: 0 };

/** Start a counting proxy on a free port of 127.0.0.1. */
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
      return 'put'; // POST too: the start and the end of a multipart upload
  }
}

/** Pass a request on. The Host header is not changed, because the request is signed with it. */
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
