import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../../../dist/cli.js');

/** `ladepuls` with some arguments, as a process of its own. */
export class Command {
  stdout = '';
  stderr = '';
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;
  private readonly ended: Promise<number | NodeJS.Signals>;
  private readonly watchers = new Set<() => void>();

  /** @param cwd where it works: its children do too, by which they are found */
  constructor(args: string[], env: Record<string, string>, cwd: string) {
    this.child = spawn(process.execPath, [CLI, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.tellWatchers();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.tellWatchers();
    });
    this.ended = new Promise((settle) => {
      this.child.on('close', (code, signal) => settle(signal ?? code ?? -1));
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The exit code, or the signal that ended it, once all its output is here. */
  exited(): Promise<number | NodeJS.Signals> {
    return this.ended;
  }

  /** Waits until something is true of its output. Rejects where it ends before. */
  async until(isTrue: () => boolean, what: string): Promise<void> {
    const told = new Promise<void>((settle) => {
      this.watchers.add(() => {
        if (isTrue()) settle();
      });
    });
    this.tellWatchers();
    await Promise.race([told, this.ended]);
    if (!isTrue()) throw new Error(`ended before ${what}:\n${this.stdout}\n${this.stderr}`);
  }

  /** The first line of its standard output, read as JSON. */
  async json(): Promise<unknown> {
    await this.until(() => this.stdout.includes('\n'), 'a line of output');
    return JSON.parse(this.stdout.slice(0, this.stdout.indexOf('\n')));
  }

  private tellWatchers(): void {
    for (const look of this.watchers) look();
  }
}
