/** The error when a setting can't be used. The message names the setting, shows its value, and says what is allowed. */
export class InvalidSetting extends Error {
  override name = 'InvalidSetting';
  /** EX_CONFIG of sysexits.h. Supervisors such as systemd need not restart a process that exits with it. */
  readonly exitCode = 78;
}
