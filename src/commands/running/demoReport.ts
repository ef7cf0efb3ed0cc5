import { styleText } from 'node:util';
import { readPlan } from '../../simulation/demo/plan.js';
import { firstQuestions, type Question } from '../../simulation/demo/questions.js';
import type { Installation } from '../../app/installation.js';
import type { Store } from '../../stores/store.js';
import { query, type QueryResult } from '../../warehouse/open.js';
import type { Context } from '../context/context.js';
import { describeWeb, reportOnService, type ServiceReport } from './report.js';
import { formatTable } from '../console/table.js';

/** Facts about a running demo, for people and scripts. */
export interface DemoReport extends ServiceReport {
  simulated: true;
  /** First local day that is loaded. */
  firstDay: string;
  questions: (Question & QueryResult)[];
}

/** Collect the facts about a running demo, with the results of some example queries. */
export async function reportOnDemo(
  context: Context,
  raw: Store,
  installation: Installation,
  alreadyRunning: boolean,
): Promise<DemoReport> {
  const service = await reportOnService(context, installation, alreadyRunning);
  const { firstDay } = await readPlan(raw);
  const { timeZone } = context.config.general;
  const questions = [];
  for (const question of firstQuestions(timeZone)) {
    questions.push({ ...question, ...(await query(service.warehouseUrl, question.sql, timeZone)) });
  }
  return { simulated: true, ...service, firstDay, questions };
}

/** Format the report for people: addresses, then each example query, ready to be pasted, with its result. */
export function describeDemo(report: DemoReport): string {
  const bold = (text: string) => (process.stdout.isTTY ? styleText('bold', text) : text);
  return [
    '',
    bold('SIMULATED data: no station, operator or status in here is a real one.'),
    '',
    `${report.feeds} simulated feeds are polled every ${report.intervalMinutes} minutes; ` +
      `the days from ${report.firstDay} on are loaded.`,
    '',
    `  Web UI      ${report.temporalUiUrl ?? ''}`,
    ...describeWeb(report.apiUrl),
    `  Warehouse   ${report.warehouseUrl}`,
    `  Raw store   ${report.rawStore}`,
    '',
    'Paste any of these as it stands; or its query alone into psql, at the address above.',
    ...report.questions.map((question, index) => {
      const { columns, rows } = question;
      const command = `LADEPULS_HOME=${quoted(report.home)} npx ladepuls sql "\n${question.sql}"`;
      return `\n${bold(`${index + 1}. ${question.question}`)}\n\n${command}\n\n${formatTable(columns, rows)}`;
    }),
    '',
    report.alreadyRunning
      ? `Stop it with "LADEPULS_HOME=${quoted(report.home)} npx ladepuls stop", or with Ctrl-C where it was started.`
      : 'Ctrl-C stops everything; a later demo goes on with what is here.',
  ].join('\n');
}

/** Quote a path for a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
