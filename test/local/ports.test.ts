import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choosePort, isPortFree, PortTaken, startOnPorts } from '../../src/local/ports.js';

const setting = 'LADEPULS_POSTGRES_PORT';
let server: Server;
let taken: number;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  taken = (server.address() as AddressInfo).port;
});
afterEach(() => server.close());

test('a fixed port that is taken is refused with the name of its setting', async () => {
  const choice = choosePort({ port: taken, setting });
  await expect(choice).rejects.toThrow(PortTaken);
  await expect(choice).rejects.toThrow(`Port ${taken}, fixed by ${setting}, is taken`);
});

test('a fixed port that is free is chosen', async () => {
  server.close();
  await once(server, 'close');
  expect(await choosePort({ port: taken, setting })).toBe(taken);
});

test('a preferred port is chosen where it is free, else another', async () => {
  const other = await choosePort({ port: undefined, setting, preferred: taken });
  expect(other).not.toBe(taken);
  expect(await isPortFree(other)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await choosePort({ port: undefined, setting, preferred: taken })).toBe(taken);
});

test('a server whose port was taken before it listened is started on another', async () => {
  const tried: number[] = [];
  const start = ({ port }: { port: number }) => {
    tried.push(port);
    return tried.length < 3 ? Promise.reject(new Error('address in use')) : Promise.resolve(port);
  };
  expect(await startOnPorts({ port: { port: undefined, setting } }, start, () => true)).toBe(tried[2]);
  expect(new Set(tried).size).toBe(3);
});

test('a failure that another port does not help is not repeated', async () => {
  let starts = 0;
  const start = () => Promise.reject(new Error(`start ${++starts}`));
  await expect(startOnPorts({ port: { port: undefined, setting } }, start, () => false)).rejects.toThrow(
    'start 1',
  );
  expect(starts).toBe(1);
});
