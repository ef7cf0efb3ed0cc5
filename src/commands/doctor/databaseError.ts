import { withShownUrls } from '../../domain/shownUrl.js';
import { type Finding, problem } from './finding.js';

/** Meaning and advice for each error code of Node and each SQLSTATE. */
const MEANINGS: Record<string, readonly [meaning: string, advice: string]> = {
  ECONNREFUSED: ['no server listens on that address', 'Start the server, or correct host and port'],
  ENOTFOUND: ['no host has that name', 'Correct the host'],
  ETIMEDOUT: ['the server did not respond', 'Check whether a firewall blocks the connection'],
  '28P01': ['the password is wrong', 'Correct the password'],
  '28000': ['that role may not log in from here', "Look at the role, and at the server's pg_hba.conf"],
  '3D000': ['there is no such database', 'Make the database, or correct its name'],
  '42501': [
    'that role may not read the tables',
    'Make the role a member of ladepuls_reader, as docs/readers.md shows',
  ],
  '53300': ['the server has no connection left', 'Look who is connected, or raise max_connections'],
  '57P03': ['the server is starting or stopping', 'Wait, and look again'],
};

/**
 * Explain why a database could not be queried.
 *
 * @param what subject of the sentence, such as "The warehouse"
 * @param setting name of the setting that holds the address; null for the home's own Postgres
 */
export function explainDatabaseError(error: unknown, what: string, setting: string | null): Finding {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  const said = withShownUrls(inner instanceof Error ? inner.message : String(inner));
  const [meaning, advice] = MEANINGS[code] ?? [
    said,
    'Check that the server runs and that this machine can reach it',
  ];
  const where = setting === null ? '; its log is logs/postgres.log in the home' : ` (${setting})`;
  return problem(`${what} can't be asked: ${meaning}.`, `${advice}${where}. Polling continues.`);
}
