import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';

/** What a request must have so that the simulated feed answers it. */
export interface AccessRule {
  /** Headers, by lower-case name, with their exact values. */
  headers?: Record<string, string>;
  /** Parameters of the address, with their decoded values. */
  parameters?: Record<string, string>;
  /** Whether the connection must have a client certificate that the server trusts. */
  certificate?: boolean;
}

/** Return whether a request has all that a rule asks for. */
export function isAllowed(
  request: IncomingMessage,
  { headers, parameters, certificate }: AccessRule,
): boolean {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const hasHeaders = Object.entries(headers ?? {}).every(([name, value]) => request.headers[name] === value);
  const hasParameters = Object.entries(parameters ?? {}).every(
    ([name, value]) => searchParams.get(name) === value,
  );
  const { socket } = request;
  const hasCertificate = certificate !== true || (socket instanceof TLSSocket && socket.authorized);
  return hasHeaders && hasParameters && hasCertificate;
}

/** Refuse a request as OCPI servers do, with the status 401. */
export function refuse(response: ServerResponse): void {
  response
    .writeHead(401, { 'Content-Type': 'application/json' })
    .end('{"status_code":2001,"status_message":"Invalid or missing credentials"}');
}
