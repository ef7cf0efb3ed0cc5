import { resolve } from 'node:path';
import { FileStore } from './file.js';
import { blockingReads, yieldingReads } from './fileReads.js';
import { checkKey } from './key.js';
import { PRIVATE, SHARED } from './publish.js';
import { S3Store } from './s3.js';
import type { S3Patience } from './s3Client.js';
import type { Store } from './store.js';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export interface StoreOptions {
  /** Whether the calling thread has nothing else to do, and may be blocked while it reads files. */
  isAlone?: boolean;
  /** Whether files and folders are for everybody whom the umask lets read them; else for owner and group alone. */
  isShared?: boolean;
  /** How long to wait for S3; absent: for minutes. */
  patience?: S3Patience | undefined;
}

/**
 * Opens the store at an address. Nothing is read or made yet: a folder is made by the first write, and a
 * bucket must exist.
 *
 * @example openStore('file:/var/lib/ladepuls/raw')
 * @example openStore('file:raw') // below the working directory
 * @example openStore('s3://bucket/prefix')
 *
 * @param env where S3's endpoint, region and keys are looked up first; see {@link S3Store}
 * @throws RangeError on any other address, with what is expected
 */
export function openStore(
  url: string,
  env: NodeJS.ProcessEnv = process.env,
  { isAlone = false, isShared = false, patience }: StoreOptions = {},
): Store {
  if (url.startsWith('file:'))
    return new FileStore(rootOf(url), isAlone ? blockingReads : yieldingReads, isShared ? SHARED : PRIVATE);
  if (url.startsWith('s3://')) return openS3(url, env, patience);
  throw badAddress(url, 'it starts with neither "file:" nor "s3://"');
}

/** The path is taken as it stands: blanks and percent signs mean themselves. */
function rootOf(url: string): string {
  const path = url.slice('file:'.length);
  if (path === '') throw badAddress(url, 'it names no folder');
  if (path.includes('\0')) throw badAddress(url, 'it has a NUL character');
  if (path === '~' || path.startsWith('~/'))
    throw badAddress(url, '"~" is not expanded: write the path in full');
  if (!path.startsWith('//')) return resolve(path);
  if (path.startsWith('///')) return resolve(path.slice(2));
  throw badAddress(url, 'it names another host; write file:/path');
}

function openS3(url: string, env: NodeJS.ProcessEnv, patience: S3Patience | undefined): S3Store {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(url) ?? [];
  if (bucket.includes('@')) {
    throw badAddress(
      url,
      'credentials belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or an AWS profile',
    );
  }
  if (!BUCKET.test(bucket)) {
    throw badAddress(
      url,
      `"${bucket}" is no bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens`,
    );
  }
  const prefix = path.replace(/\/$/, '');
  if (prefix !== '') {
    try {
      checkKey(prefix);
    } catch (error) {
      throw badAddress(url, `its prefix ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return new S3Store(bucket, prefix, env, patience);
}

/** Addresses are set in the environment and end in logs: what may be a password is not repeated. */
function badAddress(url: string, problem: string): RangeError {
  const shown = url.replace(/\/\/[^/@]*@/, '//…@');
  return new RangeError(
    `"${shown}" is not the address of a store: ${problem}. ` +
      'Expected file:/absolute/path, file:relative/path or s3://bucket/prefix',
  );
}
