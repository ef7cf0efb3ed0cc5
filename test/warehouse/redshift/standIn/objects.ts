import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { ObjectNotFound, type Store } from '../../../../src/stores/store.js';
import type { CopyStatement } from './s3Statements.js';
import { Refused } from './translate.js';

const manifestSchema = z.object({
  entries: z.array(z.strictObject({ url: z.string(), mandatory: z.boolean().default(false) })).min(1),
});

/** Access to the objects on S3 by their addresses. */
export class Objects {
  private readonly buckets = new Map<string, Store>();

  /** @param openBucket opens the store of a bucket */
  constructor(private readonly openBucket: (bucket: string) => Store) {}

  /**
   * Return the store of an address's bucket, and the key within it.
   *
   * @throws Refused when the address is not that of an object on S3
   */
  at(url: string): { store: Store; key: string } {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
    if (key === '') throw new Refused(`"${url}" is no address of an object on S3`);
    const store = this.buckets.get(bucket) ?? this.openBucket(bucket);
    this.buckets.set(bucket, store);
    return { store, key };
  }

  /** Read an object; null if it does not exist. */
  async read(url: string): Promise<Buffer | null> {
    const { store, key } = this.at(url);
    try {
      return await store.get(key);
    } catch (error) {
      if (error instanceof ObjectNotFound) return null;
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.buckets.values()].map((store) => store.close()));
  }
}

/**
 * Read the lines that a COPY loads: those of all files in its manifest, without headers.
 *
 * @throws Refused when the manifest or a mandatory file is missing
 */
export async function* copiedBytes(copy: CopyStatement, objects: Objects): AsyncGenerator<Buffer> {
  const { entries } = await readManifest(copy.manifest, objects);
  let found = 0;
  for (const { url, mandatory } of entries) {
    const bytes = await objects.read(url);
    if (bytes === null && mandatory)
      throw new Refused(`Problem reading manifest file - ${url} does not exist`);
    if (bytes === null) continue;
    found++;
    yield* withoutLines(await contentOf(bytes, copy.isGzip), copy.headerLines);
  }
  if (found === 0) throw new Refused('none of the files of the manifest exists');
}

async function readManifest(url: string, objects: Objects) {
  const text = await objects.read(url);
  if (text === null) throw new Refused(`Problem reading manifest file - ${url} does not exist`);
  const read = manifestSchema.safeParse(JSON.parse(text.toString()));
  if (read.success) return read.data;
  throw new Refused(`Problem reading manifest file - ${z.prettifyError(read.error)}`);
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
