import { expect, it } from 'vitest';
import { settingsHelp } from '../../../src/commands/console/settingsHelp.js';
import { ALL_SETTINGS, TOPICS } from '../../../src/settings/settings.js';

it('shows every setting by topic, with its sentence, its unit and what holds without it', () => {
  const help = settingsHelp();
  expect(help.split('\n').filter((line) => /^\w/.test(line))).toEqual([
    ...TOPICS.map(({ title }) => title),
    'Read by libraries',
  ]);
  for (const { name } of ALL_SETTINGS) expect(help).toContain(`\n  ${name}\n      `);
  expect(help).toContain(
    '\n  LADEPULS_INTERVAL\n      The time between two polls of a feed. Unit: m or h. Default: 10m.\n',
  );
  expect(help).toContain('Unset: file:$LADEPULS_HOME/raw.');
  expect(help).toContain('\n  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY\n');
});

it('breaks long lines', () => {
  const long = settingsHelp()
    .split('\n')
    .filter((line) => line.length > 110);
  expect(long).toEqual([]);
});
