import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { openStore } from '../../../../src/stores/open.js';
import { ObjectNotFound, type Store } from '../../../../src/stores/store.js';
import type { CopyStatement } from './s3Statements.js';
import { Refused } from './translate.js';

const manifestSchema = z.object({
  entries: z.array(z.strictObject({ url: z.string(), mandatory: z.boolean().default(false) })).min(1),
});

/** Runs `work` with the store of a bucket and the key within it that an address names. */
export async function withObject<T>(
  url: string,
  env: NodeJS.ProcessEnv,
  work: (store: Store, key: string) => Promise<T>,
): Promise<T> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  if (key === '') throw new Refused(`"${url}" is no address of an object on S3`);
  const store = openStore(`s3://${bucket}`, env);
  try {
    return await work(store, key);
  } finally {
    await store.close();
  }
}

/** The lines that a COPY loads: those of all files of its manifest, without their headers. Throws Refused. */
export async function* copiedBytes(copy: CopyStatement, env: NodeJS.ProcessEnv): AsyncGenerator<Buffer> {
  const { entries } = await readManifest(copy.manifest, env);
  let found = 0;
  for (const { url, mandatory } of entries) {
    const bytes = await readObject(url, env);
    if (bytes === null && mandatory)
      throw new Refused(`Problem reading manifest file - ${url} does not exist`);
    if (bytes === null) continue;
    found++;
    yield* withoutLines(await contentOf(bytes, copy.isGzip), copy.headerLines);
  }
  if (found === 0) throw new Refused('none of the files of the manifest exists');
}

async function readManifest(url: string, env: NodeJS.ProcessEnv) {
  const text = await readObject(url, env);
  if (text === null) throw new Refused(`Problem reading manifest file - ${url} does not exist`);
  const read = manifestSchema.safeParse(JSON.parse(text.toString()));
  if (read.success) return read.data;
  throw new Refused(`Problem reading manifest file - ${z.prettifyError(read.error)}`);
}

async function readObject(url: string, env: NodeJS.ProcessEnv): Promise<Buffer | null> {
  try {
    return await withObject(url, env, (store, key) => store.get(key));
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}

async function contentOf(bytes: Buffer, isGzip: boolean): Promise<Buffer> {
  if (!isGzip) return bytes;
  const gunzip: Readable = createGunzip().end(bytes);
  return Buffer.concat((await gunzip.toArray()) as Buffer[]);
}

function* withoutLines(content: Buffer, lines: number): Iterable<Buffer> {
  let begin = 0;
  for (let left = lines; left > 0; left--) begin = content.indexOf('\n', begin) + 1 || content.length;
  if (begin < content.length) yield content.subarray(begin);
}
