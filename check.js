import { spawn } from 'node:child_process';
import process from 'node:process';

/**
 * Runs the checks, two at a time, since each one keeps a processor busy. What a check says is shown when it has ended; all of
 * them run, also where one fails. Exits with 1 where one has failed.
 */
const CHECKS = ['lint', 'types', 'format:check', 'dead-code', 'docs:data-model:check'];
const AT_ONCE = 2;

function run(name) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part) => (output += part));
    child.on('error', (error) => (output += `${error.message}\n`));
    child.on('close', (code) => {
      process.stderr.write(output);
      if (code !== 0) process.stderr.write(`npm run ${name} failed.\n`);
      resolve(code === 0);
    });
  });
}

const waiting = [...CHECKS];
const results = [];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      results.push(await run(name));
  }),
);
if (results.includes(false)) process.exitCode = 1;
