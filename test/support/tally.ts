import { existsSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

const SHARED = fileURLToPath(new URL('../../../shared', import.meta.url));

/**
 * Ends a run's output with the line `N passed, N failed, N skipped`, after a list of what was skipped. A file or
 * suite that failed outside its tests counts as one failed test. With CI=true, a test may be skipped only for
 * what is recorded in ../shared, and only where that is absent.
 */
export default class Tally implements Reporter {
  private passed = 0;
  private failed = 0;
  private skipped: string[] = [];
  private mayFilter = false;

  onInit(vitest: Vitest): void {
    this.mayFilter = vitest.config.testNamePattern !== undefined;
    // At the process' very end, whatever else still writes.
    if (!vitest.config.watch) process.once('exit', () => this.print());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.passed = 0;
    this.failed = unhandledErrors.length;
    this.skipped = [];
    for (const module of modules) {
      this.countContainer(module);
      for (const suite of module.children.allSuites()) this.countContainer(suite);
      for (const test of module.children.allTests()) this.count(test);
    }
    for (const line of this.unexcused()) {
      process.stderr.write(`With CI=true this test may not be skipped: ${line}\n`);
      process.exitCode = 1;
    }
  }

  private countContainer(container: TestModule | TestSuite): void {
    if (container.errors().length > 0) this.failed++;
  }

  private count(test: TestCase): void {
    const result = test.result();
    switch (result.state) {
      case 'passed':
        this.passed++;
        break;
      case 'failed':
        this.failed++;
        break;
      case 'skipped':
        this.skipped.push(
          `${test.module.relativeModuleId} > ${test.fullName}${result.note ? `: ${result.note}` : ''}`,
        );
        break;
      case 'pending': // it could not run, since its file or suite failed, which is counted
        break;
    }
  }

  private unexcused(): string[] {
    if (process.env.CI !== 'true' || this.mayFilter) return [];
    return this.skipped.filter((line) => existsSync(SHARED) || !/\bshared\b/.test(line));
  }

  private print(): void {
    const list = this.skipped.map((line) => `skipped: ${line}\n`).join('');
    writeSync(1, `${list}${this.passed} passed, ${this.failed} failed, ${this.skipped.length} skipped\n`);
  }
}
