import { listOf } from './list.js';
import { matching } from './text.js';
import { type ValueType, valueType } from './valueType.js';

/** An address or name of the interface that a server listens on. */
export const host = matching(/^[\w.:-]+$/, 'an address or name, such as 127.0.0.1, or 0.0.0.0 for all');

/** A base address with http or https. The value has no slash at its end. */
export const httpUrl: ValueType<string> = valueType({
  allowed: 'an http(s) address',
  read(text) {
    const url = text.trim().replace(/[\t\n\r]/g, '');
    return /^https?:\/\//i.test(url) && URL.canParse(url) ? url.replace(/\/+$/, '') : undefined;
  },
});

/** The address of an object store. */
export const storeUrl = matching(
  /^(file:.+|s3:\/\/[a-z0-9][a-z0-9.-]+(\/.*)?)$/,
  'file:<folder> or s3://<bucket>/<prefix>',
);

const POSTGRES_URL = /^postgres(ql)?:\/\//;
const REDSHIFT_URL = /^redshift:\/\/[^\s/@:]+(:[^\s/@]*)?@[^\s/@:]+(:\d+)?\/[^\s/?]+(\?\S*)?$/;

/** The connection string of a warehouse, Postgres or Redshift. */
export function warehouseUrl(allowed: string): ValueType<string> {
  return valueType({
    allowed,
    read: (text) => (POSTGRES_URL.test(text) || REDSHIFT_URL.test(text) ? text : undefined),
  });
}

/** The ARN of an AWS role, with or without a path, also in partitions such as `aws-cn`. */
export const roleArn = matching(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'the ARN of a role, such as arn:aws:iam::123456789012:role/ladepuls-redshift',
);

/** Host names that clients may use for a server. */
export const hostNames = listOf(
  (word) => /^[\w.-]+$/.test(word),
  'names, such as api.example.org, separated by commas',
);

/** Origins of web pages, or `*` for all. */
export const origins = listOf(
  (word) => word === '*' || isOrigin(word),
  '* for all, or origins such as https://maps.example, separated by commas',
);

/** Whether a text has the form in which browsers send the header Origin. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Number of proxies in front of a server. */
export const proxies: ValueType<number> = valueType({
  allowed: 'yes, no, or how many proxies there are, up to 9',
  unit: 'proxies',
  read(text) {
    if (text === 'no') return 0;
    if (text === 'yes') return 1;
    return /^[1-9]$/.test(text) ? Number(text) : undefined;
  },
});
