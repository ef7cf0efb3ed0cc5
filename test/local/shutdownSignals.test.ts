import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { catchShutdownSignals, Interrupted, type ShutdownSignals } from '../../src/local/shutdownSignals.js';

let signals: ShutdownSignals;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  signals = catchShutdownSignals();
});
afterEach(() => {
  signals.dispose();
  vi.useRealTimers();
});

test('the first signal stops, a later one hurries', () => {
  process.emit('SIGINT', 'SIGINT');
  expect(signals.stop.reason).toBeInstanceOf(Interrupted);
  expect(signals.stop.reason).toMatchObject({ message: 'Interrupted by SIGINT.', exitCode: 130 });
  expect(signals.hurry.aborted).toBe(false);
  vi.advanceTimersByTime(1_000);
  process.emit('SIGTERM', 'SIGTERM');
  expect(signals.hurry.reason).toMatchObject({ exitCode: 143 });
});

test('a signal that arrives twice, as below npm, counts once', () => {
  process.emit('SIGINT', 'SIGINT');
  vi.advanceTimersByTime(100);
  process.emit('SIGINT', 'SIGINT');
  expect(signals.hurry.aborted).toBe(false);
});
