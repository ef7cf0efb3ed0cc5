import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { commandLineOf, isRunning, ownIdentity, startTimeOf } from '../../src/local/processIdentity.js';

test('a running process is known by its number and start time', () => {
  const own = ownIdentity();
  expect(isRunning(own)).toBe(true);
  expect(isRunning({ ...own, startTime: 'earlier' })).toBe(false);
  expect(commandLineOf(own.pid)).toContain('node');
});

test('an ended process does not run, even while its parent has not looked', async () => {
  // The shell starts a child that ends, prints its pid, and becomes a program that never waits for its children.
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(parent.stdout, 'data')) as [Buffer];
  const zombie = Number(output.toString());
  await expect.poll(() => startTimeOf(zombie)).toBeNull();
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  expect(startTimeOf(parent.pid ?? -1)).toBeNull();
  expect(commandLineOf(parent.pid ?? -1)).toBeNull();
});
