/** Error of Redshift, which the client gets as the server's error. */
export class Refused extends Error {
  override name = 'Refused';
}

/** Lengths of varchar, in bytes, for which {@link PREPARE} creates domains. */
const LENGTHS = [32, 64, 128, 256, 512, 1024, 4096, 8192, 16_384, 65_535];
/**
 * Statements that prepare a Postgres database for the stand-in. A varchar(n) of Redshift counts bytes and is compared
 * by bytes, without a locale.
 */
export const PREPARE = [
  'create schema stand_in',
  ...LENGTHS.map(
    (length) =>
      `create domain stand_in.bytes_${length} as varchar collate "C" check (octet_length(value) <= ${length})`,
  ),
  `create function stand_in.json_parse(body varchar) returns jsonb language sql immutable as 'select body::jsonb'`,
  // These functions of Redshift have no timestamptz: a timestamptz is converted to the session's local time.
  `create function stand_in.dateadd(part text, amount bigint, at timestamp) returns timestamp language sql immutable
   as $$ select at + amount * ('1 ' || part)::interval $$`,
  `create function stand_in.dateadd(part text, amount bigint, at timestamptz) returns timestamp language sql stable
   as $$ select stand_in.dateadd(part, amount, at::timestamp) $$`,
  `create function stand_in.datediff(part text, since timestamptz, until timestamptz) returns bigint language sql stable
   as $$ select case part
     when 'second' then extract(epoch from date_trunc('second', until::timestamp) - date_trunc('second', since::timestamp))::bigint
   end $$`,
  `create function stand_in.split_to_array(body varchar, delimiter varchar) returns jsonb language sql immutable
   as 'select to_jsonb(string_to_array(body, delimiter))'`,
  'create table stand_in.late_binding (view text primary key, query text not null)',
  // In this view, late-binding views depend on nothing, as on Redshift.
  `create view stand_in.pg_rewrite as select oid, ev_class from pg_rewrite
   where ev_class not in (select to_regclass(view) from stand_in.late_binding where to_regclass(view) is not null)`,
];

/**
 * Recreate late-binding views, so that they read the objects that now have these names. This also works if columns have
 * other types, or if a view was dropped together with a table. A view that reads a missing object does not exist until
 * that object does.
 */
export const REBIND = `do $$
declare
  late record;
  bound text[] := '{}';
  went_on boolean;
begin
  delete from stand_in.late_binding where to_regnamespace(split_part(view, '.', 1)) is null;
  loop
    went_on := false;
    for late in select view, query from stand_in.late_binding where view <> all (bound) loop
      begin
        execute 'create or replace view ' || late.view || ' as ' || late.query;
        bound := bound || late.view;
        went_on := true;
      exception
        when undefined_table then null;
        when invalid_table_definition then
          execute 'drop view ' || late.view || ' cascade';
          bound := '{}';
          went_on := true;
      end;
    end loop;
    exit when not went_on;
  end loop;
end $$`;

/** LISTAGG with a literal as separator. */
const LISTAGG =
  /\blistagg ?\(((?:distinct )?[\w.]+), ('(?:[^']|'')*')\) within group \(order by ([\w.]+)\)/gi;

/** Statement that drops a table or view which views may read. On Postgres, these views are dropped too. */
export const DROPPED = /^\s*drop (table|view) \w+\.[\w"]+\s*$/i;

/**
 * Translate a statement of Redshift to Postgres.
 *
 * @throws Refused when the stand-in does not support the statement
 */
export function translate(statement: string, lastCopyCount: number): string {
  const listed = statement.replaceAll(LISTAGG, 'string_agg($1, $2 order by $3)');
  const common = outsideStrings(listed, (sql) =>
    sql
      // Redshift converts names to lower case, quoted names too (docs.aws.amazon.com/redshift/latest/dg/r_names.html).
      .replaceAll(/"[^"]*"/g, (name) => name.toLowerCase())
      .replaceAll(/\bsysdate\b/gi, 'localtimestamp')
      .replaceAll(/\b(json_parse|split_to_array)(?= ?\()/gi, 'stand_in.$1')
      .replaceAll(/\b(dateadd|datediff) ?\(\s*(\w+)\s*,/gi, `stand_in.$1('$2',`)
      .replaceAll(/\bpg_rewrite\b/gi, 'stand_in.pg_rewrite')
      .replaceAll(/\bpg_last_copy_count\(\)/gi, String(lastCopyCount)),
  );
  if (/^\s*(create (temp )?|alter )table\b/i.test(common)) return outsideStrings(common, translateTable);
  if (DROPPED.test(common)) return translateDrop(common);
  return /^\s*create( or replace)? view\b/i.test(common) ? translateView(common) : common;
}

function translateTable(sql: string): string {
  return sql
    .replaceAll(/\bencode \w+/gi, '')
    .replaceAll(/\bdiststyle \w+/gi, '')
    .replaceAll(/\bdistkey ?\([^)]*\)/gi, '')
    .replaceAll(/\b(compound |interleaved )?sortkey ?\([^)]*\)/gi, '')
    .replaceAll(/\bsuper\b/gi, 'jsonb')
    .replaceAll(/\bvarchar ?\((\d+)\)/gi, (_, length: string) => {
      if (!LENGTHS.includes(Number(length)))
        throw new Refused(`the stand-in knows no varchar of ${length} bytes: add it to its lengths`);
      return `stand_in.bytes_${length}`;
    });
}

function translateDrop(statement: string): string {
  const [, view] = /^\s*drop view ([\w."]+)/i.exec(statement) ?? [];
  const forget = view === undefined ? '' : `; delete from stand_in.late_binding where view = '${view}'`;
  return `${statement} cascade${forget}`;
}

function translateView(statement: string): string {
  const [, head = '', query = ''] =
    /^(\s*create(?: or replace)? view [\w."]+ as)\s(.*?)\s*with no schema binding[\s;]*$/is.exec(statement) ??
    [];
  if (query === '') throw new Refused('the stand-in knows late-binding views only');
  const name = /view ([\w."]+)/i.exec(head)?.[1] ?? '';
  return `${head} ${query};
    insert into stand_in.late_binding (view, query) values ('${name}', '${query.replaceAll(`'`, `''`)}')
    on conflict (view) do update set query = excluded.query`;
}

/** Change the text of a statement outside strings, and remove its comments. */
function outsideStrings(statement: string, change: (sql: string) => string): string {
  return statement
    .split(/('(?:[^']|'')*'|--[^\n]*)/)
    .map((part, index) => (index % 2 === 0 ? change(part) : part.startsWith('--') ? ' ' : part))
    .join('');
}
