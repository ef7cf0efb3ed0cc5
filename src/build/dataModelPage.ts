import type { Column, Relation } from './catalog.js';

interface Reference {
  from: string;
  column: string;
  to: string;
  /** What one of `to` does to many of `from`. */
  verb: string;
}

/**
 * How the six promised tables hang together. The facts and time are held to it by the way that a day is loaded, not by
 * constraints, which would cost more than the load itself.
 */
const REFERENCES: Reference[] = [
  { from: 'charging_point', column: 'id_cs', to: 'charging_station', verb: 'has' },
  { from: 'connector', column: 'id_cp', to: 'charging_point', verb: 'has' },
  { from: 'status_chargingpoints', column: 'id_chargingpoint', to: 'charging_point', verb: 'is observed in' },
  { from: 'status_connectors', column: 'id_connector', to: 'connector', verb: 'is observed in' },
  { from: 'status_chargingpoints', column: 'query_time', to: 'time', verb: 'is the time of' },
  { from: 'status_connectors', column: 'query_time', to: 'time', verb: 'is the time of' },
];

/** How a view's column says that it is the key, which no constraint can. */
const KEY_COMMENT = /^Key\b/;

/** The page docs/data-model.md: an entity-relationship diagram of schema public, and the dictionary of all relations. */
export function dataModelPage(relations: Relation[]): string {
  const promised = relations.filter(({ schema }) => schema === 'public');
  const dictionary = relations.map(dictionaryEntry).join('\n');
  return `# Data model

<!-- Made from the database itself by "npm run docs:data-model": change the comments in sql/, not this file. -->

The six tables that readers query stand in schema \`public\`; what was polled and what became of it stands in schema
\`ops\`. Instants are \`timestamptz\`; a day is a local day of the project's time zone.

## Entities and relations

\`\`\`mermaid
erDiagram
${REFERENCES.map((reference) => arrow(reference, promised)).join('\n')}
${promised.map((relation) => entity(relation)).join('\n')}
\`\`\`

## Dictionary

Key: PK is (part of) the primary key, FK refers to another table. Of a view, Postgres does not know whether a column can
be null.

${dictionary}`;
}

function arrow({ from, column, to, verb }: Reference, relations: Relation[]): string {
  for (const name of [from, to]) {
    const relation = relations.find((candidate) => candidate.name === name);
    if (!relation) throw new Error(`The diagram names the table ${name}, which schema public does not have.`);
    if (name === from && !relation.columns.some((candidate) => candidate.name === column)) {
      throw new Error(`The diagram names the column ${from}.${column}, which does not exist.`);
    }
  }
  return `  ${to} ||--o{ ${from} : "${verb}"`;
}

function entity({ name, columns }: Relation): string {
  const lines = columns.map((column) => `    ${column.type} ${column.name}${diagramKey(name, column)}`);
  return `  ${name} {\n${lines.join('\n')}\n  }`;
}

function diagramKey(relation: string, column: Column): string {
  const keys = [...(isKey(column) ? ['PK'] : []), ...(referredTo(relation, column) === null ? [] : ['FK'])];
  return keys.length === 0 ? '' : ` ${keys.join(', ')}`;
}

function dictionaryEntry({ schema, name, isView, comment, columns }: Relation): string {
  const rows = columns.map((column) => {
    const refersTo = schema === 'public' ? referredTo(name, column) : column.references;
    const keys = [...(isKey(column) ? ['PK'] : []), ...(refersTo === null ? [] : [`FK ${refersTo}`])];
    const cells = [
      `\`${column.name}\``,
      column.type,
      nullability(column),
      keys.join(', '),
      column.comment ?? '',
    ];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
  return `### ${schema}.${name}

${isView ? 'View. ' : ''}${comment ?? ''}

| column | type | null? | key | meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function isKey({ isPrimaryKey, comment }: Column): boolean {
  return isPrimaryKey || KEY_COMMENT.test(comment ?? '');
}

function referredTo(relation: string, column: Column): string | null {
  const reference = REFERENCES.find(({ from, column: name }) => from === relation && name === column.name);
  return reference?.to ?? column.references;
}

function nullability({ isNullable }: Column): string {
  if (isNullable === null) return '';
  return isNullable ? 'yes' : 'no';
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
