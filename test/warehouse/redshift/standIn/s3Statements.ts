import { Refused } from './translate.js';

export interface CopyStatement {
  target: string;
  columns: string;
  manifest: string;
  isGzip: boolean;
  headerLines: number;
}

export interface UnloadStatement {
  query: string;
  prefix: string;
  mayOverwrite: boolean;
}

const STRING = `'((?:[^']|'')*)'`;
const COPY = new RegExp(`^\\s*copy ([\\w."]+) ?\\(([^)]*)\\)\\s+from ${STRING}(.*)$`, 'is');
const UNLOAD = new RegExp(`^\\s*unload ?\\(\\s*${STRING}\\s*\\)\\s*to ${STRING}(.*)$`, 'is');

/**
 * Parse a COPY statement.
 *
 * @throws Refused when an option is missing, or unknown to Redshift or the stand-in
 */
export function readCopy(statement: string, iamRole: string): CopyStatement {
  const [, target = '', columns = '', manifest = '', rest = ''] = COPY.exec(statement) ?? [];
  if (target === '') throw new Refused('syntax error at or near "copy": expected copy TABLE (COLUMNS) from');
  const options = new Options(rest);
  options.authorise(iamRole);
  options.require(/^manifest\b/i, 'manifest', 'the object would be taken for data');
  options.require(/^(format (as )?)?csv\b/i, 'csv', 'fields would be separated by |');
  options.require(/^timeformat (as )?'auto'/i, `timeformat 'auto'`, 'ISO 8601 would not be read');
  options.require(/^emptyasnull\b/i, 'emptyasnull', 'texts that are null would be loaded as empty');
  const isGzip = options.take(/^gzip\b/i) !== null;
  const headerLines = Number(options.take(/^ignoreheader (?:as )?(\d+)/i)?.[1] ?? 0);
  options.take(/^compupdate (off|false)\b/i);
  options.take(/^statupdate (off|false)\b/i);
  options.end();
  return { target, columns, manifest, isGzip, headerLines };
}

/**
 * Parse an UNLOAD statement.
 *
 * @throws Refused when an option is missing, or unknown to Redshift or the stand-in
 */
export function readUnload(statement: string, iamRole: string): UnloadStatement {
  const [, query = '', prefix = '', rest = ''] = UNLOAD.exec(statement) ?? [];
  if (query === '')
    throw new Refused(`syntax error at or near "unload": expected unload ('QUERY') to 'PREFIX'`);
  const options = new Options(rest);
  options.authorise(iamRole);
  options.require(/^(format (as )?)?csv\b/i, 'csv', 'fields would be separated by |');
  options.require(/^header\b/i, 'header', 'the archive would have no names of columns');
  options.require(/^gzip\b/i, 'gzip', 'the archive is gzip');
  options.require(/^parallel (off|false)\b/i, 'parallel off', 'the files would be in no order');
  options.require(/^manifest\b/i, 'manifest', 'nobody could tell which files there are');
  const mayOverwrite = options.take(/^allowoverwrite\b/i) !== null;
  options.end();
  return { query: query.replaceAll(`''`, `'`), prefix, mayOverwrite };
}

/** Options after a statement, in any order. Each may be taken once. */
class Options {
  private readonly left: string[];

  constructor(text: string) {
    const words =
      /(?:format (?:as )?\w+|\w+(?: (?:as )?(?:'(?:[^']|'')*'|\d+|off|false|on|true)(?![\w']))?|\S+)/gi;
    this.left = text.replaceAll(/\s+/g, ' ').replace(/;\s*$/, '').match(words) ?? [];
  }

  take(pattern: RegExp): RegExpExecArray | null {
    for (const [index, option] of this.left.entries()) {
      const match = pattern.exec(option);
      if (match?.[0] !== option) continue;
      this.left.splice(index, 1);
      return match;
    }
    return null;
  }

  require(pattern: RegExp, name: string, otherwise: string): void {
    if (!this.take(pattern))
      throw new Refused(`the stand-in knows no such statement without ${name}: ${otherwise}`);
  }

  authorise(iamRole: string): void {
    const role = this.take(/^iam_role '([^']*)'/i)?.[1];
    if (role !== iamRole) throw new Refused(`not authorized to assume the role "${role ?? ''}"`);
  }

  end(): void {
    const [unknown] = this.left;
    if (unknown !== undefined) throw new Refused(`syntax error at or near "${unknown}"`);
  }
}
