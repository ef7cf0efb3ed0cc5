import { resolve } from 'node:path';
import { isRedshift } from '../domain/warehouseAddress.js';
import { DEFAULT_FEEDS } from '../sources/chargecloud/feeds.js';
import { InvalidSetting } from './invalidSetting.js';
import type { DeclaredConfig } from './settings.js';

/** Complete the settings with values that are derived from several settings, or from more than a setting's own text. */
export function withFollowing(declared: DeclaredConfig) {
  const { general, polling, stores, api } = declared;
  const home = resolve(general.home);
  return {
    ...declared,
    general: { ...general, home },
    polling: {
      ...polling,
      feeds: polling.feeds ?? DEFAULT_FEEDS,
      /** The names in LADEPULS_FEEDS, joined by spaces; null if unset. Used to notice a change of the setting. */
      feedsSetting: polling.feeds?.join(' ') ?? null,
    },
    stores: {
      ...stores,
      raw: stores.raw ?? `file:${home}/raw`,
      flat: stores.flat ?? `file:${home}/flat`,
    },
    api: { ...api, names: api.names ?? [], origins: api.origins ?? [] },
  };
}

/**
 * Check settings against each other.
 *
 * @throws InvalidSetting when two settings contradict each other
 */
export function checkTogether({ warehouse, readers, stores }: DeclaredConfig): void {
  if (warehouse.url !== undefined && isRedshift(warehouse.url))
    checkRedshift(stores.flat, warehouse.redshiftIamRole);
  if (readers.url !== undefined) checkReader(warehouse.url, readers.url);
}

/** Check what Redshift needs: Redshift itself reads flat files, only from S3, with the permissions of a role. */
function checkRedshift(flatStore: string | undefined, role: string | undefined): void {
  if (!flatStore?.startsWith('s3://'))
    throw new InvalidSetting(
      `FLAT_STORE is ${flatStore === undefined ? 'not set' : `"${flatStore}"`}, but with a redshift:// warehouse it must be ` +
        's3://<bucket>/<prefix>: Redshift reads flat files from S3.',
    );
  if (role === undefined)
    throw new InvalidSetting(
      'LADEPULS_REDSHIFT_IAM_ROLE is not set, but with a redshift:// warehouse it must be the ARN of the role that ' +
        'Redshift reads and writes FLAT_STORE with, such as arn:aws:iam::123456789012:role/ladepuls-redshift.',
    );
}

/** Check the address of readers: it must name the same warehouse as DATABASE_URL, with another role. */
function checkReader(warehouseUrl: string | undefined, readerUrl: string): void {
  if (warehouseUrl === undefined)
    throw new InvalidSetting(
      'LADEPULS_READER_URL is set, but DATABASE_URL is not: "ladepuls warehouse-url" prints the address that readers ' +
        'of the local Postgres use.',
    );
  if (isRedshift(warehouseUrl) !== isRedshift(readerUrl))
    throw new InvalidSetting(
      'LADEPULS_READER_URL and DATABASE_URL must both begin with postgres:// or both with redshift://: ' +
        'they name one warehouse.',
    );
}
