import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createNotifier } from '../../src/local/notify.js';
import { FIXTURES } from './support/supervised.js';

const hasProgram = spawnSync('systemd-notify', ['--version']).status === 0;
if (!hasProgram && process.env.CI === 'true') throw new Error('systemd-notify is missing (package systemd).');

const WAIT = { timeout: 30_000, interval: 20 };

/** Listen on a real datagram socket, as a service manager does. Returns the received messages. */
async function listen(address: string): Promise<string[]> {
  const child = spawn('python3', [join(FIXTURES, 'notifySocket.py'), address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const messages: string[] = [];
  createInterface(child.stdout).on('line', (line) => messages.push(JSON.parse(line) as string));
  await vi.waitFor(() => expect(messages).toEqual(['listening']), WAIT);
  messages.length = 0;
  return messages;
}

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'socket');
}

/** The environment that systemd gives to a unit with a watchdog of 0.2 s. */
const unitEnv = (socket: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  NOTIFY_SOCKET: socket,
  WATCHDOG_USEC: '200000',
  WATCHDOG_PID: String(process.pid),
  ...more,
});
const never = (line: string) => expect(line).toBe('never told');

describe.skipIf(!hasProgram)('a service tells systemd', () => {
  it.each(['a path', 'an abstract name'])(
    'that it is ready, alive and stopping, in order, at %s',
    async (kind) => {
      const socket = kind === 'a path' ? socketPath() : `@ladepuls-${randomUUID()}`;
      const messages = await listen(socket);
      const notifier = createNotifier(unitEnv(socket), never);
      expect(notifier.isListening).toBe(true);
      notifier.extendTimeout(120_000);
      notifier.ready('polls 38 feeds\nevery 10 min');
      notifier.watchdog(() => true);
      await vi.waitFor(
        () => expect(messages.filter((text) => text === 'WATCHDOG=1').length).toBeGreaterThan(2),
        WAIT,
      );
      notifier.stopping('stops');
      await notifier.close();
      const [first, second, third] = messages;
      expect([first, second, third]).toEqual([
        'EXTEND_TIMEOUT_USEC=120000000',
        'READY=1\nSTATUS=polls 38 feeds every 10 min',
        'WATCHDOG=1',
      ]);
      await vi.waitFor(() => expect(messages.at(-1)).toBe('STOPPING=1\nSTATUS=stops'), WAIT);
    },
  );

  it('nothing of its watchdog while it is not alive, and again once it is', async () => {
    const socket = socketPath();
    const messages = await listen(socket);
    const notifier = createNotifier(unitEnv(socket), never);
    let asked = 0;
    let isAlive = false;
    notifier.watchdog(() => {
      asked++;
      return isAlive;
    });
    await vi.waitFor(() => expect(asked).toBeGreaterThan(3), WAIT);
    expect(messages).toEqual([]);
    isAlive = true;
    await vi.waitFor(() => expect(messages).toContain('WATCHDOG=1'), WAIT);
    await notifier.close();
  });

  it.each([
    ['of another process', { WATCHDOG_PID: '1' }],
    ['that is none', { WATCHDOG_USEC: undefined, WATCHDOG_PID: undefined }],
    ['of nonsense', { WATCHDOG_USEC: 'often' }],
  ])('nothing to a watchdog %s', async (_whose, env) => {
    const socket = socketPath();
    const messages = await listen(socket);
    const notifier = createNotifier(unitEnv(socket, env), never);
    notifier.watchdog(() => expect.fail('it was asked'));
    notifier.status('up');
    await notifier.close();
    await vi.waitFor(() => expect(messages).toEqual(['STATUS=up']), WAIT);
  });

  it('a socket that is gone is complained of once, and holds up nothing', async () => {
    const told: string[] = [];
    const notifier = createNotifier(unitEnv(socketPath()), (line) => told.push(line));
    notifier.ready('up');
    notifier.status('still');
    await notifier.close();
    expect(told).toEqual([expect.stringMatching(/^Status messages can't be sent to systemd/)]);
  });
});

it('a missing program is complained of once', async () => {
  const told: string[] = [];
  const notifier = createNotifier(unitEnv('/nowhere', { PATH: '/nowhere' }), (line) => told.push(line));
  notifier.ready('up');
  notifier.stopping('stops');
  await notifier.close();
  expect(told).toEqual([expect.stringContaining('systemd-notify')]);
});

it('without a service manager nothing is done; what is started does not speak for the service', async () => {
  const env = unitEnv('/run/systemd/notify');
  createNotifier(env, never);
  expect(env).toEqual({ PATH: process.env.PATH });
  const silent = createNotifier(env, never);
  expect(silent.isListening).toBe(false);
  silent.ready('up');
  silent.watchdog(() => expect.fail('it was asked'));
  await silent.close();
});
