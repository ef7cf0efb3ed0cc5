/** A setting that can't be used. The message names the setting, shows its value, and says what is allowed. */
export class InvalidSetting extends Error {
  override name = 'InvalidSetting';
  /** EX_CONFIG of sysexits.h: whoever restarts a process that failed need not try this one again. */
  readonly exitCode = 78;
}
