import { DateTime } from 'luxon';
import { UnreadableFile } from './unreadableFile.js';

const NAME = /^(\d{8}_\d{6})([+-](?:0\d|1[0-4])[0-5]\d)?_cp_data_cities\.json(?:\.gz)?$/;
const LOCAL_TIME = 'yyyyMMdd_HHmmss';

/**
 * Return when the bodies of a poll file were received, in milliseconds since the epoch, from the local time in its
 * name.
 *
 * An offset after the time says which instant is meant. Without an offset, a time in the hour that the clocks repeat
 * means the first of the two instants.
 *
 * @example receiptOf('20220111_215824_cp_data_cities.json.gz', 'Europe/Berlin') // 2022-01-11T20:58:24Z
 * @example receiptOf('20221030_021000+0100_cp_data_cities.json', 'Europe/Berlin') // 2022-10-30T01:10:00Z
 * @param name the file's name without its folder
 * @throws UnreadableFile when the file is not named like a poll file, or its time does not exist
 */
export function receiptOf(name: string, timeZone: string): number {
  const [, time, offset] = NAME.exec(name) ?? [];
  if (time === undefined) {
    throw new UnreadableFile(
      'is not named like a poll file: expected YYYYmmdd_HHMMSS_cp_data_cities.json or …json.gz, ' +
        'such as 20220111_215824_cp_data_cities.json.gz',
    );
  }
  const zone = offset === undefined ? timeZone : `UTC${offset.slice(0, 3)}:${offset.slice(3)}`;
  const local = DateTime.fromFormat(time, LOCAL_TIME, { zone });
  // Luxon moves a time that the clocks skip forward by an hour. The result then differs from the time in the name.
  if (!local.isValid || local.toFormat(LOCAL_TIME) !== time) {
    throw new UnreadableFile(`has a time in its name that does not exist in ${zone}: ${time}`);
  }
  return Math.min(...local.getPossibleOffsets().map((possible) => possible.toMillis()));
}
