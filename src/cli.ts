#!/usr/bin/env node
import { surviveOutputFailures } from './commands/console/output.js';
import { assembleProgram } from './commands/declaration/program.js';

surviveOutputFailures();
try {
  await assembleProgram().parseAsync();
} catch (error) {
  process.stderr.write(`ladepuls: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1;
}
