import { Argument, Option } from 'commander';
import { DEFAULT_SOURCE } from '../stores/collectionChange.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import { sourceOption } from './declaration/sourceOption.js';
import type { ImportOptions } from './import/importRecorded.js';

export const importRecorded: CommandDeclaration = {
  name: 'import',
  summary: 'recorded polls into the raw store: poll files, folders and zips of them, another raw store',
  arguments: [
    new Argument('[files...]', 'poll files YYYYmmdd_HHMMSS_cp_data_cities.json[.gz], folders, zips'),
  ],
  options: [
    sourceOption('source of the feeds in the files').default(DEFAULT_SOURCE),
    new Option(
      '--raw-store <address>',
      'another raw store to copy from: file:<folder> or s3://<bucket>/<prefix>',
    ),
    jsonOption(),
  ],
  examples: ['ladepuls import ~/polls/2022-01', 'ladepuls import --raw-store s3://bucket/ladepuls'],
  action: inContext(async (context, files: string[], options: ImportOptions) => {
    const { importRecorded: run } = await import('./import/importRecorded.js');
    await run(context, files, options);
  }),
};
