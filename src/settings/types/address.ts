import { listOf } from './list.js';
import { matching } from './text.js';
import { type ValueType, valueType } from './valueType.js';

/** An address or name that a server listens at. */
export const host = matching(/^[\w.:-]+$/, 'an address or name, such as 127.0.0.1, or 0.0.0.0 for all');

/** A base address over HTTP; the value has no slash at its end. */
export const httpUrl: ValueType<string> = valueType({
  allowed: 'an http(s) address',
  read(text) {
    const url = text.trim().replace(/[\t\n\r]/g, '');
    return /^https?:\/\//i.test(url) && URL.canParse(url) ? url.replace(/\/+$/, '') : undefined;
  },
});

/** The address of a store of objects. */
export const storeUrl = matching(
  /^(file:.+|s3:\/\/[a-z0-9][a-z0-9.-]+(\/.*)?)$/,
  'file:<folder> or s3://<bucket>/<prefix>',
);

const POSTGRES_URL = /^postgres(ql)?:\/\//;
const REDSHIFT_URL = /^redshift:\/\/[^\s/@:]+(:[^\s/@]*)?@[^\s/@:]+(:\d+)?\/[^\s/?]+(\?\S*)?$/;

/** The connection string of a warehouse. */
export function warehouseUrl(allowed: string): ValueType<string> {
  return valueType({
    allowed,
    read: (text) => (POSTGRES_URL.test(text) || REDSHIFT_URL.test(text) ? text : undefined),
  });
}

/** A role of AWS, or of one of its partitions such as `aws-cn`; with a path or without. */
export const roleArn = matching(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'the ARN of a role, such as arn:aws:iam::123456789012:role/ladepuls-redshift',
);

/** Names that a server may be asked by. */
export const hostNames = listOf(
  (word) => /^[\w.-]+$/.test(word),
  'names, such as api.example.org, separated by commas',
);

/** Origins of web pages, or `*` for all. */
export const origins = listOf(
  (word) => word === '*' || isOrigin(word),
  '* for all, or origins such as https://maps.example, separated by commas',
);

/** Whether a text is written as browsers send the header Origin. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** How many proxies stand before a server. */
export const proxies: ValueType<number> = valueType({
  allowed: 'yes, no, or how many proxies there are, up to 9',
  unit: 'proxies',
  read(text) {
    if (text === 'no') return 0;
    if (text === 'yes') return 1;
    return /^[1-9]$/.test(text) ? Number(text) : undefined;
  },
});
