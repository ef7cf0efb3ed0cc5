import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../../src/stores/open.js';
import { startS3Server, whyNoS3Server, type S3Server } from '../../support/s3Server.js';
import { describeSealing } from './seal.suite.js';

const reason = await whyNoS3Server();

describe.skipIf(reason !== null)(
  reason === null ? 'sealing on S3' : `sealing on S3: skipped, ${reason}`,
  () => {
    let server: S3Server;
    let folder: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'ladepuls-seal-'));
      server = await startS3Server();
      await server.bucket('tests');
    });
    afterAll(async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    });

    describeSealing(
      (name) => Promise.resolve(openStore(`s3://tests/${name}`, server.env)),
      () => folder,
    );
  },
);
