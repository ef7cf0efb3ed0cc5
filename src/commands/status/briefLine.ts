import type { StatusLevel } from '../../domain/statusFindings.js';

/** A level's word, as monitoring plugins have it. */
export const LABELS: Record<StatusLevel, string> = {
  ok: 'OK',
  warning: 'WARNING',
  critical: 'CRITICAL',
  unknown: 'UNKNOWN',
};

/** Such a line goes to pagers too; some agents cut it at 1 kB. */
const LONGEST_TEXT = 800;

/** One line of a monitoring plugin, whatever the text holds. */
export function briefLine(level: StatusLevel, text: string, data = ''): string {
  // A bar would begin the performance data.
  const line = text.replaceAll('|', '/').replaceAll(/\s+/g, ' ').trim();
  const cut = line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT - 1)}…` : line;
  return `LADEPULS ${LABELS[level]} - ${cut}${data === '' ? '' : ` | ${data}`}\n`;
}
