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
  /** Whether the calling thread may block while it reads files, because it has no other work. */
  isAlone?: boolean;
  /** Whether the umask alone decides who may read new files. Default: only the owner and the group may. */
  isShared?: boolean;
  /** Time limits for S3; default: minutes. */
  patience?: S3Patience | undefined;
}

/**
 * Open the store at an address. Reads and creates nothing: the first write creates a folder, and a bucket must exist.
 *
 * @example openStore('file:/var/lib/ladepuls/raw')
 * @example openStore('file:raw') // below the working directory
 * @example openStore('s3://bucket/prefix')
 *
 * @param env first source of S3's endpoint, region and keys; see {@link S3Store}
 * @throws RangeError when the address has any other form; the message says what is expected
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

/** Return the root folder of an address. The path is used unchanged: blanks and percent signs are literal. */
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
      'it contains credentials. Set them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in an AWS profile',
    );
  }
  if (!BUCKET.test(bucket)) {
    throw badAddress(
      url,
      `"${bucket}" is not the name of a bucket, which has 3 to 63 lower-case letters, digits, dots and hyphens`,
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

/** Return the error for a wrong address. Hides the part that may be a password, because errors are logged. */
function badAddress(url: string, problem: string): RangeError {
  const shown = url.replace(/\/\/[^/@]*@/, '//…@');
  return new RangeError(
    `"${shown}" is not the address of a store: ${problem}. ` +
      'Expected file:/absolute/path, file:relative/path or s3://bucket/prefix',
  );
}
