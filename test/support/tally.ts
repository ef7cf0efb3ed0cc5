import { existsSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

const SHARED = fileURLToPath(new URL('../../../shared', import.meta.url));

/**
 * Ends a run's output with the line `N passed, N failed, N skipped`, after a list of what was skipped and what failed
 * (so that whoever sees only the end of a long log knows what to run again). Tests that could not run since their file or suite failed count as failed; a failed file or suite without any counts as one. With
 * CI=true, a test may be skipped only for what is recorded in ../shared, and only where that is absent.
 */
export default class Tally implements Reporter {
  private passed = 0;
  private failures: string[] = [];
  private skipped: string[] = [];
  private mayFilter = false;

  onInit(vitest: Vitest): void {
    this.mayFilter = vitest.config.testNamePattern !== undefined;
    // At the process' very end, whatever else still writes.
    if (!vitest.config.watch) process.once('exit', () => this.print());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.passed = 0;
    this.failures = unhandledErrors.map((error) => `outside of any test${because(error)}`);
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
    if (container.errors().length === 0 || isCountedByTests) return;
    const name = container.type === 'module' ? 'the whole file' : container.fullName;
    this.failures.push(`${moduleOf(container).relativeModuleId} > ${name}${because(container.errors()[0])}`);
  }

  private count(test: TestCase): void {
    const result = test.result();
    if (result.state === 'passed') this.passed++;
    else if (result.state === 'skipped' && !hasFailedAround(test)) {
      const reason = result.note === undefined ? '' : `: ${result.note}`;
      this.skipped.push(`${test.module.relativeModuleId} > ${test.fullName}${reason}`);
    } else {
      const error = result.errors?.[0];
      this.failures.push(`${test.module.relativeModuleId} > ${test.fullName}${because(error)}`);
    }
  }

  private unexcused(): string[] {
    if (process.env.CI !== 'true' || this.mayFilter) return [];
    return this.skipped.filter((line) => existsSync(SHARED) || !/\bshared\b/.test(line));
  }

  private print(): void {
    const skipped = this.skipped.map((line) => `skipped: ${line}\n`).join('');
    const failed = this.failures.map((line) => `failed: ${line}\n`).join('');
    const counts = `${this.passed} passed, ${this.failures.length} failed, ${this.skipped.length} skipped\n`;
    writeSync(1, skipped + failed + counts);
  }
}

/** An error's first line, to go behind a name; nothing for what has none. */
function because(error: unknown): string {
  const message = (error as { message?: unknown } | null | undefined)?.message;
  if (typeof message !== 'string') return '';
  return `: ${(message.split('\n', 1)[0] ?? '').slice(0, 300)}`;
}

function moduleOf(container: TestModule | TestSuite): TestModule {
  return container.type === 'module' ? container : container.module;
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
