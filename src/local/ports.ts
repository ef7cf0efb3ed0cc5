import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { WrongSetting } from './wrongSetting.js';

/** Everything local listens here only. */
export const LOOPBACK = '127.0.0.1';

/** Ports that the stock tools try by themselves, taken where they are free. */
export const USUAL_PORTS = { temporal: 7233, ui: 8233, postgres: 5432, api: 8080 };

/** What is wanted of a port. */
export interface PortWish {
  /** This port and no other. undefined: the setting leaves it open. */
  port: number | undefined;
  /** The setting that fixes it, for the error message. */
  setting: string;
  /** Where it is left open: this one if it is free, else any. */
  preferred?: number;
}

/** A fixed port that something else listens on. */
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
 * A port on 127.0.0.1 that is free at this moment. Another process may take it before it is used: whoever starts
 * a server on it must be ready to choose again.
 *
 * @throws PortTaken where the port is fixed and not free
 */
export async function choosePort({ port, setting, preferred }: PortWish): Promise<number> {
  if (port === undefined)
    return getPort({ host: LOOPBACK, ...(preferred === undefined ? {} : { port: preferred }) });
  if (!(await isPortFree(port))) throw new PortTaken(port, setting);
  return port;
}

/** Whether a server could listen on that port of 127.0.0.1 now. */
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
 * Starts a server on ports chosen by wish; where it does not come up, again on others, since another process may have
 * taken one between the choice and the use. Fixed ports stay.
 *
 * @param isRetriable tells failures of the server from anything else
 * @throws PortTaken where a fixed port is not free; else what the last attempt threw
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
