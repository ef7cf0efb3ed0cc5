import { CreateBucketCommand, ListBucketsCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createS3Client } from '../../src/stores/s3Client.js';
import { spawnTied } from './tiedProcess.js';
import { GoToolMissing, provideGoTool, VERSITYGW } from './goTool.js';

const START_TIMEOUT_MS = 20_000;
const START_POLL_MS = 20;
const MAX_START_TRIES = 5;

export interface S3Server {
  endpoint: string;
  accessKey: string;
  secretKey: string;
  /** Environment under which the AWS SDK, and so a store, talks to this server. */
  env: NodeJS.ProcessEnv;
  /** Creates a bucket. */
  bucket(name: string): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/**
 * Why tests on S3 can't run on this machine: null when they can. With CI=true they must, and this throws.
 * May take minutes on its first call: it builds the server.
 */
export async function whyNoS3Server(): Promise<string | null> {
  try {
    await provideGoTool(VERSITYGW);
    return null;
  } catch (error) {
    if (!(error instanceof GoToolMissing) || process.env.CI === 'true') throw error;
    return error.message;
  }
}

/** Starts an S3 server on 127.0.0.1, on a free port, with a temporary folder and keys of its own. */
export async function startS3Server(): Promise<S3Server> {
  const executable = await provideGoTool(VERSITYGW);
  const folder = await mkdtemp(join(tmpdir(), 'ladepuls-s3-'));
  const accessKey = randomBytes(10).toString('hex');
  const secretKey = randomBytes(20).toString('hex');
  const { child, env } = await startOnFreePort(executable, folder, { accessKey, secretKey });
  return {
    endpoint: env.AWS_ENDPOINT_URL_S3,
    accessKey,
    secretKey,
    env,
    bucket: (name) => createBucket(env, name),
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Keys {
  accessKey: string;
  secretKey: string;
}

interface Environment extends NodeJS.ProcessEnv {
  AWS_ENDPOINT_URL_S3: string;
}

/** Another process may take the free port before the server does: then the server ends, and another is tried. */
async function startOnFreePort(
  executable: string,
  folder: string,
  keys: Keys,
): Promise<{ child: ChildProcess; env: Environment }> {
  // Kept in files, metadata needs no extended attributes, which not every /tmp has.
  const [data, metadata] = [join(folder, 'data'), join(folder, 'metadata')];
  await mkdir(data);
  await mkdir(metadata);
  let output = '';
  for (let attempt = 1; attempt <= MAX_START_TRIES; attempt++) {
    const address = `127.0.0.1:${await freePort()}`;
    const server = [executable, '--quiet', '--keep-alive', '--health', '/health', '--port', address];
    const child = spawnTied([...server, 'posix', '--sidecar', metadata, data], {
      env: { ...process.env, ROOT_ACCESS_KEY: keys.accessKey, ROOT_SECRET_KEY: keys.secretKey },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-4_000)));
    }
    const env = {
      AWS_ENDPOINT_URL_S3: `http://${address}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: keys.accessKey,
      AWS_SECRET_ACCESS_KEY: keys.secretKey,
    };
    if (await isUp(child, env)) return { child, env };
    await end(child);
  }
  await rm(folder, { recursive: true, force: true });
  throw new Error(`${executable} did not start as an S3 server. Its last words:\n${output}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Up is a server that knows our keys: at that port, another one may answer. */
async function isUp(child: ChildProcess, env: Environment): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (isRunning(child) && Date.now() < deadline) {
    const answer = await fetch(`${env.AWS_ENDPOINT_URL_S3}/health`).catch(() => undefined);
    if (answer?.ok) {
      return withClient(env, (client) => client.send(new ListBucketsCommand())).then(
        () => isRunning(child),
        () => false,
      );
    }
    await sleep(START_POLL_MS);
  }
  return false;
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function createBucket(env: Environment, name: string): Promise<void> {
  await withClient(env, (client) => client.send(new CreateBucketCommand({ Bucket: name })));
}

async function withClient<T>(env: Environment, request: (client: S3Client) => Promise<T>): Promise<T> {
  const client = createS3Client(env);
  try {
    return await request(client);
  } finally {
    client.destroy();
  }
}
