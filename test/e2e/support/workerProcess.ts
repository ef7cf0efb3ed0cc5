import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { compiledFile } from '../../../src/runtime/paths.js';
import { spawnTied } from '../../support/tiedProcess.js';
import type { TestSystem } from './system.js';

/** `worker.js` as the build made it, in a process of its own, on a system's queues. */
export class WorkerProcess {
  private readonly ended: Promise<unknown>;
  private output = '';

  private constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (this.output = (this.output + text.toString()).slice(-4_000)));
  }

  /** @param settings beside those that name the system's parts */
  static start(system: TestSystem, settings: Record<string, string> = {}): WorkerProcess {
    const env = { ...process.env, ...system.settings, ...settings };
    return new WorkerProcess(spawnTied([process.execPath, compiledFile('worker.js')], { env }));
  }

  /** Of whom Temporal's events tell as `<pid>@<host>`. */
  get pid(): number {
    return this.child.pid ?? NaN;
  }

  /** Has it end in order, and waits for that. Throws where it fails. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
    if (this.child.exitCode !== 0) throw new Error(`The worker has failed:\n${this.output}`);
  }

  /** Kills it, unless it has ended. */
  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Kills it as it is. Throws where it has ended by itself. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null) throw new Error(`The worker has ended by itself:\n${this.output}`);
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
