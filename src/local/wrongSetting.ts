/** What the settings name can't be used, and another attempt does not mend that: one clear line that names the setting. */
export class WrongSetting extends Error {
  override name = 'WrongSetting';
  /** EX_CONFIG of sysexits.h: whoever restarts a process that failed need not try this one again. */
  readonly exitCode: number = 78;
}

/** What a full disk says: that may mend itself, unlike any other reason why a folder can't be made. */
const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Whether an error of the file system says that the disk is full. */
export function isNoSpace(error: unknown): boolean {
  return NO_SPACE.has((error as NodeJS.ErrnoException).code ?? '');
}
