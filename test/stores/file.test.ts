import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../src/stores/open.js';
import { describeStore } from './store.suite.js';

describe('FileStore', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ladepuls-file-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describeStore(() => Promise.resolve(openStore(`file:${join(folder, 'made', 'when needed')}`)));
});
