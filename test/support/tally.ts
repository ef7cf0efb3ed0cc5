import { existsSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

const SHARED = fileURLToPath(new URL('../../../shared', import.meta.url));

/**
 * Ends a run's output with the line `N passed, N failed, N skipped`, after a list of what was skipped. Tests that could
 * not run since their file or suite failed count as failed; a failed file or suite without any counts as one. With
 * CI=true, a test may be skipped only for what is recorded in ../shared, and only where that is absent.
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
    const isCountedByTests = [...container.children.allTests()].some(
      (test) => test.result().state !== 'passed',
    );
    if (container.errors().length > 0 && !isCountedByTests) this.failed++;
  }

  private count(test: TestCase): void {
    const result = test.result();
    if (result.state === 'passed') this.passed++;
    else if (result.state === 'skipped' && !hasFailedAround(test)) {
      const reason = result.note === undefined ? '' : `: ${result.note}`;
      this.skipped.push(`${test.module.relativeModuleId} > ${test.fullName}${reason}`);
    } else this.failed++;
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

/** Whether the file or a suite that holds the test failed by itself, such as in a hook. */
function hasFailedAround(test: TestCase): boolean {
  let around: TestModule | TestSuite = test.parent;
  while (around.errors().length === 0) {
    if (around.type === 'module') return false;
    around = around.parent;
  }
  return true;
}
