import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type ListObjectsV2CommandOutput,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { canStartKey, checkFolderPrefix, checkKey, compareBytes, isKey } from './key.js';
import { createS3Client, type S3Patience } from './s3Client.js';
import { explainS3Error, httpStatus, isNoSuchKey } from './s3Errors.js';
import { ObjectNotFound, type Store, type StoredObject } from './store.js';

/** Largest number of attempts to read one object. The SDK retries requests, but not response bodies that end early. */
const MAX_TRIES = 5;
const RETRY_DELAY_MS = 100;

/**
 * Size of an upload part in bytes. Two parts are in memory: the part that is sent, and the beginning of the next part.
 * S3 allows 10,000 parts for each object, which is 80 GB.
 */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * Metadata key for the id of a write. It shows whether an existing object was written by this write, whose response
 * was lost, or by another writer.
 */
const WRITE_ID = 'write-id';

interface Target {
  Bucket: string;
  Key: string;
}

/** A store of objects in an S3 bucket. `prefix` is prepended to every key and is not part of the keys. */
export class S3Store implements Store {
  readonly url: string;
  private readonly client: S3Client;
  private readonly base: string;

  /**
   * @param prefix "" or a key, without a trailing slash
   * @param env see {@link createS3Client}
   * @param patience time limits for S3; default: minutes
   */
  constructor(
    private readonly bucket: string,
    prefix: string,
    env: NodeJS.ProcessEnv,
    patience?: S3Patience,
  ) {
    this.base = prefix === '' ? '' : `${prefix}/`;
    this.url = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
    this.client = createS3Client(env, patience);
  }

  async putNew(key: string, body: Uint8Array): Promise<boolean> {
    return this.writeOnce(key, (once) => this.client.send(new PutObjectCommand({ ...once, Body: body })));
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    const target = this.target(key);
    await this.explained(`write "${key}"`, () =>
      this.client.send(new PutObjectCommand({ ...target, Body: body })),
    );
  }

  async putStream(key: string, body: NodeJS.ReadableStream): Promise<void> {
    await this.explained(`write "${key}"`, () => this.upload(this.target(key), body));
  }

  async putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean> {
    return this.writeOnce(key, (once) => this.upload(once, body));
  }

  async get(key: string): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      const stream = await this.getStream(key);
      try {
        return await buffer(stream);
      } catch (error) {
        if (attempt === MAX_TRIES) throw explainS3Error(this.url, `read "${key}" to its end`, error);
      }
      await sleep(RETRY_DELAY_MS * attempt);
    }
  }

  async getStream(key: string): Promise<NodeJS.ReadableStream> {
    const target = this.target(key);
    return this.explained(`read "${key}"`, async () => {
      try {
        const { Body } = await this.client.send(new GetObjectCommand(target));
        if (Body instanceof Readable) return Body;
        throw new Error('the response has no body');
      } catch (error) {
        if (isNoSuchKey(error)) throw new ObjectNotFound(`there is no object "${key}" in ${this.url}`);
        throw error;
      }
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    for await (const page of this.pages(prefix)) {
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        const key = Key.slice(this.base.length);
        if (isKey(key)) yield { key, size: Size, modifiedMs: LastModified?.getTime() ?? 0 };
      }
    }
  }

  async listFolders(prefix: string): Promise<string[]> {
    checkFolderPrefix(prefix);
    const folders: string[] = [];
    for await (const page of this.pages(prefix, '/')) {
      for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
        const folder = Prefix.slice(this.base.length);
        if (canStartKey(folder)) folders.push(folder.slice(prefix.length, -1));
      }
    }
    return folders.sort(compareBytes);
  }

  async remove(key: string): Promise<void> {
    const target = this.target(key);
    await this.explained(`remove "${key}"`, async () => {
      try {
        await this.client.send(new DeleteObjectCommand(target));
      } catch (error) {
        if (!isNoSuchKey(error)) throw error;
      }
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the SDK's destroy() is synchronous
  async close(): Promise<void> {
    this.client.destroy();
  }

  private async *pages(prefix: string, delimiter?: string): AsyncGenerator<ListObjectsV2CommandOutput> {
    if (!canStartKey(prefix)) return;
    const query = { Bucket: this.bucket, Prefix: this.base + prefix, Delimiter: delimiter };
    try {
      yield* paginateListObjectsV2({ client: this.client }, query);
    } catch (error) {
      throw explainS3Error(this.url, `list "${prefix}"`, error);
    }
  }

  /**
   * Write an object that must not exist yet.
   *
   * @param write sends the requests with the given parameters
   * @returns false when an object with this key already exists
   */
  private async writeOnce(
    key: string,
    write: (once: Target & Pick<PutObjectCommandInput, 'IfNoneMatch' | 'Metadata'>) => Promise<unknown>,
  ): Promise<boolean> {
    const target = this.target(key);
    const writeId = randomUUID();
    return this.explained(`write "${key}"`, async () => {
      try {
        await write({ ...target, IfNoneMatch: '*', Metadata: { [WRITE_ID]: writeId } });
        return true;
      } catch (error) {
        if (httpStatus(error) === 412) return await this.isWrittenBy(writeId, target);
        throw error;
      }
    });
  }

  /**
   * Upload a stream: in one request if it is at most one part long, otherwise in parts, one after the other. When the
   * stream fails, no object is created. When the writer is killed, the parts stay stored but invisible; a lifecycle rule
   * of the bucket must remove them.
   */
  private async upload(params: Target & Omit<PutObjectCommandInput, 'Body'>, body: NodeJS.ReadableStream) {
    const upload = new Upload({
      client: this.client,
      // A stream without `objectMode` merges small chunks. Otherwise each would keep its whole memory block.
      params: { ...params, Body: Readable.from(body, { objectMode: false }) },
      partSize: PART_BYTES,
      queueSize: 1,
      leavePartsOnError: true, // because Upload would report a failure to remove them instead of the first failure
    });
    try {
      await upload.done();
    } catch (error) {
      const { Bucket, Key } = params;
      const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload.uploadId });
      // Parts that can't be removed now stay invisible.
      if (upload.uploadId !== undefined) await this.client.send(abort).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Return whether the existing object was written by this very write. S3's response may have been lost: then the SDK
   * repeats the request, and S3 refuses it because the first request already succeeded.
   */
  private async isWrittenBy(writeId: string, target: Target): Promise<boolean> {
    try {
      const { Metadata } = await this.client.send(new HeadObjectCommand(target));
      return Metadata?.[WRITE_ID] === writeId;
    } catch (error) {
      if (isNoSuchKey(error)) return false;
      throw error;
    }
  }

  private target(key: string): Target {
    checkKey(key);
    return { Bucket: this.bucket, Key: this.base + key };
  }

  private async explained<T>(action: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw error instanceof ObjectNotFound ? error : explainS3Error(this.url, action, error);
    }
  }
}
