import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { providePythonTool, type PythonTool, whyNoPythonTool } from '../../support/pythonTool.js';
import { type LoadBench, loadDay, makeBench } from '../../warehouse/support/loads.js';
import { showTimeline } from '../../warehouse/support/timeline.js';
import { keepAll, openWeb, type TestWeb } from './support/web.js';

const SCHEMATHESIS: PythonTool = { name: 'schemathesis', version: '4.32.5', python: '3.11' };
const DAY = '2022-01-11';
const EXAMPLES = process.env.LADEPULS_TEST_LONG === '1' ? '1000' : '40';
/**
 * Without the check that valid requests succeed: the API refuses some requests that the schema allows, such as a period
 * whose first day is after its last.
 */
const CHECKS =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method';

const why = await whyNoPythonTool(SCHEMATHESIS);

describe.skipIf(why !== null)(
  `the API under questions that its own description makes up${why === null ? '' : ` (${why})`}`,
  () => {
    let bench: LoadBench & { remove: () => Promise<void> };
    let web: TestWeb;
    beforeAll(async () => {
      bench = await makeBench();
      await showTimeline(bench, DAY, 'a*3 c*3 .*2 o*3 u*3');
      await loadDay(bench, DAY);
      await keepAll(bench);
      web = await openWeb(bench.url);
      return async () => {
        await web.close();
        await bench.remove();
      };
    });

    it('never fails, and answers as it says', { timeout: 1_800_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ladepuls-fuzz-'));
      const url = await web.server.listen({ host: '127.0.0.1', port: 0 });
      try {
        const args = [
          'run',
          `${url}/docs/json`,
          '--checks',
          CHECKS,
          '--max-examples',
          EXAMPLES,
          '--no-color',
        ];
        const run = promisify(execFile)('python3', ['-m', 'schemathesis.cli', ...args], {
          cwd: folder,
          env: { ...process.env, PYTHONPATH: await providePythonTool(SCHEMATHESIS) },
          maxBuffer: 64 * 1024 * 1024,
        });
        const { stdout } = await run.catch((error: unknown) =>
          expect.fail((error as { stdout?: string }).stdout ?? String(error)),
        );
        expect(stdout).toMatch(/Tested: 17/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
