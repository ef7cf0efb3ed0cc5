import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ComponentServer {
  /** Base of the addresses; a component's own is this and its name. It can't be guessed: the answers hold passwords. */
  url: string;
  close(): void;
}

/** Serves `provide` over HTTP on 127.0.0.1, for test files, which run in processes of their own. */
export async function serveComponents(provide: (name: string) => Promise<string>): Promise<ComponentServer> {
  const prefix = `/${randomUUID()}/`;
  const server = createServer((request, response) => void answer(request, response, prefix, provide));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  prefix: string,
  provide: (name: string) => Promise<string>,
): Promise<void> {
  if (!request.url?.startsWith(prefix)) {
    response.writeHead(404).end();
    return;
  }
  try {
    response.end(await provide(request.url.slice(prefix.length)));
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
}
