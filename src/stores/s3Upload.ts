import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';

/**
 * Size of an upload part. Two parts are in memory: one is filled while the other is sent. S3 allows 10,000 parts: 80
 * GB.
 */
const PART_BYTES = 8 * 1024 * 1024;

interface Target {
  Bucket: string;
  Key: string;
}

/** The first part of a stream, and the parts after it. `rest` is null for a small stream, which takes one request. */
interface Start {
  head: Buffer;
  rest: AsyncGenerator<Buffer> | null;
}

/** Read a stream up to the end of its first part. */
export async function readStart(body: NodeJS.ReadableStream): Promise<Start> {
  const rest = cutIntoParts(body);
  const first = await rest.next();
  const head = first.done ? Buffer.alloc(0) : first.value;
  return { head, rest: head.length < PART_BYTES ? null : rest };
}

/**
 * Upload a large object in parts. When the stream fails, no object is created. When the writer is killed, the parts
 * stay stored but invisible; a lifecycle rule of the bucket must remove them.
 *
 * @param once the condition and metadata of an object that must not exist yet
 */
export async function uploadParts(
  client: S3Client,
  target: Target,
  head: Buffer,
  rest: AsyncGenerator<Buffer>,
  once?: { IfNoneMatch: string; Metadata: Record<string, string> },
): Promise<void> {
  const created = new CreateMultipartUploadCommand({ ...target, ...(once && { Metadata: once.Metadata }) });
  const { UploadId } = await client.send(created);
  const upload = { ...target, UploadId };
  try {
    const uploaded = [await uploadPart(client, upload, 1, head)];
    for await (const part of rest) uploaded.push(await uploadPart(client, upload, uploaded.length + 1, part));
    const condition = once && { IfNoneMatch: once.IfNoneMatch };
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts: uploaded } }),
    );
  } catch (error) {
    // Report the first failure. Parts that can't be removed now stay invisible.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function uploadPart(
  client: S3Client,
  upload: Target & { UploadId: string | undefined },
  partNumber: number,
  body: Buffer,
): Promise<CompletedPart> {
  const { ETag } = await client.send(
    new UploadPartCommand({ ...upload, PartNumber: partNumber, Body: body }),
  );
  // S3 checked the SDK's checksum of each part on arrival. It is not sent again, because not every server accepts that.
  return { ETag, PartNumber: partNumber };
}

/** Cut a stream into pieces of exactly {@link PART_BYTES}. The last piece may be shorter. */
async function* cutIntoParts(body: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let held = 0;
  for await (const data of body) {
    let chunk = Buffer.from(data);
    while (held + chunk.length >= PART_BYTES) {
      const filled = chunk.subarray(0, PART_BYTES - held);
      yield Buffer.concat([...chunks, filled], PART_BYTES);
      chunk = chunk.subarray(filled.length);
      chunks = [];
      held = 0;
    }
    if (chunk.length > 0) chunks.push(chunk);
    held += chunk.length;
  }
  if (held > 0) yield Buffer.concat(chunks, held);
}
