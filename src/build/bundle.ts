import { chmodSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** The last step of the build: bundles the workflows for the worker, and makes the command executable. */
const workflowsPath = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
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
writeFileSync(fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)), code);
chmodSync(fileURLToPath(new URL('../cli.js', import.meta.url)), 0o755);
