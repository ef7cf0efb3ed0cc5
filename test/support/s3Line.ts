import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How a line to an S3 server is: `through` passes everything on, `broken` closes every connection, `hanging` never
 * answers, `refusing` answers 403, `busy` answers 503, `slow` answers after {@link SLOW_MS}, `flapping` breaks every
 * other request.
 */
export type LineState = 'through' | 'broken' | 'hanging' | 'refusing' | 'busy' | 'slow' | 'flapping';

export interface S3Line {
  endpoint: string;
  /** Requests that came so far. */
  requests(): number;
  be(state: LineState): void;
  close(): Promise<void>;
}

/** Longer than a poll waits for the raw store. */
const SLOW_MS = 12_000;

/** Opens a line to an S3 server, on 127.0.0.1 and a free port, that can fail as networks and servers do. */
export async function openS3Line(endpoint: string): Promise<S3Line> {
  let state: LineState = 'through';
  let requests = 0;
  const line = createServer((asked, answered) => {
    requests++;
    answered.on('error', () => undefined);
    asked.on('error', () => undefined);
    switch (state) {
      case 'through':
        passOn(endpoint, asked, answered);
        return;
      case 'broken':
        answered.destroy();
        return;
      case 'hanging':
        asked.resume();
        return;
      case 'refusing':
        refuse(asked, answered, 403, 'AccessDenied');
        return;
      case 'busy':
        refuse(asked, answered, 503, 'SlowDown');
        return;
      case 'slow':
        void sleep(SLOW_MS, undefined, { ref: false }).then(() => passOn(endpoint, asked, answered));
        return;
      case 'flapping':
        if (requests % 2 === 0) passOn(endpoint, asked, answered);
        else answered.destroy();
    }
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    requests: () => requests,
    be(next) {
      state = next;
      // What hangs would hang on.
      if (next === 'through') line.closeAllConnections();
    },
    async close() {
      line.closeAllConnections();
      line.close();
      await once(line, 'close');
    },
  };
}

function passOn(endpoint: string, asked: IncomingMessage, answered: ServerResponse): void {
  const { method, headers, url = '' } = asked;
  const passedOn = request(new URL(url, endpoint), { method, headers }, (answer) => {
    answer.pipe(answered.writeHead(answer.statusCode ?? 500, answer.headers));
  });
  passedOn.on('error', () => answered.destroy());
  asked.pipe(passedOn);
}

function refuse(asked: IncomingMessage, answered: ServerResponse, status: number, code: string): void {
  asked.resume();
  asked.on('end', () => {
    answered.writeHead(status, { 'content-type': 'application/xml' });
    answered.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
  });
}
