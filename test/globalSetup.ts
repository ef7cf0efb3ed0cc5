import type { TestProject } from 'vitest/node';
import { cacheFolder } from '../src/local/cache.js';
import { findTemporal } from '../src/local/temporalBinary.js';
import { serveComponents } from './support/componentServer.js';
import { whyNoS3Server } from './support/s3Server.js';
import { provideWheel, SCHEMA_WHEELS } from './support/schemaWheel.js';
import { runSeed } from './support/runSeed.js';
import { isLong } from './support/sample.js';
import { SharedComponents } from './support/sharedComponents.js';
import { KUSTOMIZE, provideGoTool, VERSITYGW } from './support/goTool.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where {@link file://./support/sharedComponent.ts} asks for the components that all test files share. */
    sharedComponentsUrl: string;
  }
}

const onProgress = (line: string): boolean => process.stderr.write(`${line}\n`);

/**
 * Fetches what the tests run, before any of their time limits counts; the components start when a test first asks. The
 * projects of a run share them.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const known = project.vitest.projects.map((other) => other.getProvidedContext().sharedComponentsUrl);
  const url = known.find((one) => (one as string | undefined) !== undefined);
  if (url !== undefined) {
    project.provide('sharedComponentsUrl', url);
    return undefined;
  }
  await findTemporal({ cacheDir: cacheFolder(undefined, process.env), env: process.env, onProgress });
  // Go keeps what it has downloaded: after a broken connection, the second attempt goes on from there.
  await provideGoTool(VERSITYGW).catch(() => undefined);
  // Whose tests tell where these are missing.
  await provideGoTool(KUSTOMIZE).catch(() => undefined);
  await Promise.allSettled(SCHEMA_WHEELS.map((wheel) => provideWheel(wheel)));
  const whyNoS3 = await whyNoS3Server();
  if (whyNoS3 !== null) onProgress(`The tests on S3 are skipped: ${whyNoS3}.`);
  onProgress(
    isLong
      ? 'Everything is tried that other runs try a sample of.'
      : `Sample ${runSeed(process.env)} of what npm run test:long tries: LADEPULS_TEST_SEED=${runSeed(process.env)} repeats it.`,
  );
  const components = await SharedComponents.create(onProgress);
  const server = await serveComponents((name) => components.provide(name));
  project.provide('sharedComponentsUrl', server.url);
  return async () => {
    server.close();
    await components.stop();
  };
}
