import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { WrongSetting } from './wrongSetting.js';

/** The only address that local components listen on. */
export const LOOPBACK = '127.0.0.1';

/** The default ports of clients and tools. They are used if free. */
export const USUAL_PORTS = { temporal: 7233, ui: 8233, postgres: 5432, api: 8080 };

/** Which port a server wants. */
export interface PortWish {
  /** The fixed port. undefined if the setting does not fix a port. */
  port: number | undefined;
  /** Name of the setting that fixes the port, for the error message. */
  setting: string;
  /** Preferred port if none is fixed. If it is not free, any free port is used. */
  preferred?: number;
}

/** The error when another process listens on a fixed port. */
export class PortTaken extends WrongSetting {
  override name = 'PortTaken';
  constructor(port: number, setting: string) {
    super(
      `Port ${port}, fixed by ${setting}, is taken by another process on ${LOOPBACK}. ` +
        `Stop that process, set ${setting} to another port, or leave it unset so that a free one is found.`,
    );
  }
}

/**
 * Choose a port of 127.0.0.1 that is free at this moment. Another process may take the port before it is used.
 * Therefore the caller must be ready to choose again.
 *
 * @throws PortTaken when the port is fixed and not free
 */
export async function choosePort({ port, setting, preferred }: PortWish): Promise<number> {
  if (port === undefined)
    return getPort({ host: LOOPBACK, ...(preferred === undefined ? {} : { port: preferred }) });
  if (!(await isPortFree(port))) throw new PortTaken(port, setting);
  return port;
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: LOOPBACK }, () => server.close(() => resolve(true)));
  });
}

const ATTEMPTS = 4;
const PAUSE_MS = 200;

/**
 * Start a server on ports chosen by `wishes`. If the start fails, it is repeated on other ports, because another
 * process may have taken a port between the choice and the use. Fixed ports stay the same.
 *
 * @param isRetriable whether an error is a failure of the server, and a further attempt makes sense
 * @throws PortTaken when a fixed port is not free; otherwise the error of the last attempt
 */
export async function startOnPorts<Name extends string, Server>(
  wishes: Record<Name, PortWish>,
  start: (ports: Record<Name, number>) => Promise<Server>,
  isRetriable: (error: unknown) => boolean,
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const ports = {} as Record<Name, number>;
    for (const name of Object.keys(wishes) as Name[]) ports[name] = await choosePort(wishes[name]);
    try {
      return await start(ports);
    } catch (error) {
      if (attempt === ATTEMPTS || !isRetriable(error)) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
