import { chmodSync, writeFileSync } from 'node:fs';
import { bundleWorkflowCode } from '@temporalio/worker';
import { compiledFile } from '../runtime/paths.js';

/** The last step of the build: bundle the workflows for the worker, and make the command executable. */
const workflowsPath = compiledFile('workflows/index.js');
const silent = () => undefined;
const logger = {
  log: silent,
  trace: silent,
  debug: silent,
  info: silent,
  warn: console.warn,
  error: console.error,
};
const { code } = await bundleWorkflowCode({ workflowsPath, logger });
writeFileSync(compiledFile('workflow-bundle.js'), code);
chmodSync(compiledFile('cli.js'), 0o755);
