import { type Column, isKey, referredTo, type Relation } from './relation.js';

/** Explanation of the columns "null?" and "key", for the head of a dictionary. */
export const DICTIONARY_LEGEND = `Column "key": PK is the primary key or a part of it, FK refers to another table. Column "null?" is empty for views,
because Postgres does not know whether their columns can be null.`;

/** Return the section of a table or view in a data dictionary: Markdown that ends with a newline. */
export function dictionaryEntry(relation: Relation): string {
  const { schema, name, isView, comment, columns } = relation;
  const rows = columns.map((column) => {
    const refersTo = referredTo(relation, column);
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

${wrap(`${isView ? 'View. ' : ''}${comment ?? ''}`)}

| column | type | null? | key | meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function wrap(text: string): string {
  return text.replaceAll(/(.{1,120})(?: +|$)/g, '$1\n').trimEnd();
}

function nullability({ isNullable }: Column): string {
  if (isNullable === null) return '';
  return isNullable ? 'yes' : 'no';
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
