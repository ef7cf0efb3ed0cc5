import { writeSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

const SHOWN = 20;

/** Names the slowest files of a run at its end, with the seconds that each one took of a test process. */
export default class Slowest implements Reporter {
  private lines: string[] = [];

  onInit(vitest: Vitest): void {
    if (!vitest.config.watch) process.once('exit', () => this.print());
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const timed = modules.map((module) => ({ name: module.relativeModuleId, seconds: secondsOf(module) }));
    this.lines = timed
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, SHOWN)
      .map(({ name, seconds }) => `slow: ${seconds.toFixed(1).padStart(6)} s  ${name}\n`);
  }

  private print(): void {
    if (this.lines.length > 1) writeSync(1, this.lines.join(''));
  }
}

/** What a file took, from its imports to its last hook. */
function secondsOf(module: TestModule): number {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } =
    module.diagnostic();
  return (environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration) / 1000;
}
