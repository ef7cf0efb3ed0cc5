import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/stores/open.js';

describe('openStore', () => {
  it.each([
    ['file:/var/lib/raw', 'file:/var/lib/raw'],
    ['file:///var/lib/raw/', 'file:/var/lib/raw'],
    ['file:/with blank/100%/#?', 'file:/with blank/100%/#?'],
    ['file:relative/raw', `file:${resolve('relative/raw')}`],
    ['file:../raw', `file:${resolve('../raw')}`],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
    ['s3://my.bucket-1/a/b/', 's3://my.bucket-1/a/b'],
  ])('opens %s', async (url, expected) => {
    const store = openStore(url, { AWS_REGION: 'eu-central-1' });
    expect(store.url).toBe(expected);
    await store.close();
  });

  it.each([
    ['', 'neither "file:" nor "s3://"'],
    ['/var/lib/raw', 'neither "file:" nor "s3://"'],
    ['http://host/bucket', 'neither "file:" nor "s3://"'],
    ['S3://bucket', 'neither "file:" nor "s3://"'],
    ['s3:bucket', 'neither "file:" nor "s3://"'],
    ['file:', 'names no folder'],
    ['file://host/raw', 'names another host'],
    ['file:~/raw', 'write the path in full'],
    ['file:/a\0b', 'NUL'],
    ['s3://', 'is not the name of a bucket'],
    ['s3:///prefix', 'is not the name of a bucket'],
    ['s3://Bucket/prefix', '"Bucket" is not the name of a bucket'],
    ['s3://bucket?region=x', 'is not the name of a bucket'],
    ['s3://bucket/a//b', 'empty segment'],
    ['s3://bucket/../b', 'would name another folder'],
    ['s3://bucket/a\nb', 'control characters'],
  ])('refuses %j', (url, problem) => {
    expect(() => openStore(url)).toThrow(RangeError);
    expect(() => openStore(url)).toThrow(problem);
    expect(() => openStore(url)).toThrow(
      'Expected file:/absolute/path, file:relative/path or s3://bucket/prefix',
    );
  });

  it.each(['s3://key:secret@bucket/prefix', 'postgres://user:secret@host/database'])(
    'does not repeat the credentials in %s',
    (url) => {
      expect(() => openStore(url)).toThrow('//…@');
      expect(() => openStore(url)).not.toThrow('secret');
    },
  );
});
