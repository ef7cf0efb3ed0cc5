import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { spawnTied } from './tiedProcess.js';
import { transpile } from './transpile.js';

const SERVER = `
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** Starts the server tied to itself, and passes its port on. */
const PARENT = `
  import { spawnTied } from './test/support/tiedProcess.js';
  spawnTied([process.execPath, '-e', ${JSON.stringify(SERVER)}]).stdout.pipe(process.stdout);
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-tied-'));
  await transpile(['test/support/tiedProcess.ts'], folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('ends the server when the process that started it is killed', async () => {
  await writeFile(join(folder, 'parent.js'), PARENT);
  const parent = spawn(process.execPath, [join(folder, 'parent.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  expect(await listens(port)).toBe(true);
  parent.kill('SIGKILL');
  await vi.waitUntil(async () => !(await listens(port)), { timeout: 10_000 });
});

it("tells the server's own exit code", async () => {
  const server = spawnTied([process.execPath, '-e', 'process.exit(7)']);
  expect(await once(server, 'close')).toEqual([7, null]);
});

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
