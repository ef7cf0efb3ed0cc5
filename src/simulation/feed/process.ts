/**
 * The simulated feed as a separate process: `node process.js '{"fleet":{"seed":1,"feeds":["koeln"]}}'`. When it is
 * ready, it writes one line of JSON, `{"url":"http://127.0.0.1:40123"}`. It stops at SIGTERM or SIGINT. Unless
 * `"stopWithInput":false`, it also stops when its standard input ends, so that it can't outlive the process that
 * started it.
 */
import { openContents, readProcessOptions } from './processOptions.js';
import { startSimulatedFeed } from './server.js';

async function run(): Promise<void> {
  const options = await readProcessOptions(process.argv[2]);
  const { port, logFile, paging, stopWithInput } = options;
  const feed = await startSimulatedFeed({ contents: await openContents(options), port, logFile, paging });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    if (stopWithInput) process.stdin.once('close', resolve).once('end', resolve).resume();
  });
  process.stdout.write(`${JSON.stringify({ url: feed.url })}\n`);
  await stopped;
  await feed.stop();
  if (stopWithInput) process.stdin.destroy();
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
