/**
 * The error when something that the settings name can't be used, and a retry can't mend that. The message is one line
 * that names the setting.
 */
export class WrongSetting extends Error {
  override name = 'WrongSetting';
  /** EX_CONFIG of sysexits.h. Supervisors such as systemd need not restart a process that exits with it. */
  readonly exitCode: number = 78;
}

/**
 * Error codes of a full disk. Unlike other reasons why a folder can't be created, a full disk may be only temporary.
 */
const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Whether an error of the file system says that the disk is full. */
export function isNoSpace(error: unknown): boolean {
  return NO_SPACE.has((error as NodeJS.ErrnoException).code ?? '');
}
