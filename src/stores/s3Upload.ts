import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';

/** Parts are held in memory, one being filled while another is sent. S3 takes 10,000 of them: 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;

interface Target {
  Bucket: string;
  Key: string;
}

/** Uploads a stream: in one request if it is small, else in parts. Nothing is there if the stream fails. */
export async function uploadStream(
  client: S3Client,
  target: Target,
  body: NodeJS.ReadableStream,
): Promise<void> {
  const parts = cutIntoParts(body);
  const first = await parts.next();
  const head = first.done ? Buffer.alloc(0) : first.value;
  if (head.length < PART_BYTES) {
    await client.send(new PutObjectCommand({ ...target, Body: head }));
    return;
  }
  await uploadParts(client, target, head, parts);
}

/** An upload whose writer is killed stays invisible, but is stored: buckets have a lifecycle rule for that. */
async function uploadParts(
  client: S3Client,
  target: Target,
  head: Buffer,
  rest: AsyncGenerator<Buffer>,
): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  const upload = { ...target, UploadId };
  try {
    const uploaded = [await uploadPart(client, upload, 1, head)];
    for await (const part of rest) uploaded.push(await uploadPart(client, upload, uploaded.length + 1, part));
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: uploaded } }),
    );
  } catch (error) {
    // The first failure is the one to report; parts that can't be removed now are invisible anyway.
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
  // The SDK's checksum of each part was checked on arrival; not every server takes it a second time.
  return { ETag, PartNumber: partNumber };
}

/** Cuts a stream into pieces of exactly {@link PART_BYTES}; the last one may be shorter. */
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
