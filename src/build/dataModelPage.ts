import { DICTIONARY_LEGEND, dictionaryEntry } from '../warehouse/dictionary.js';
import { type Column, isKey, referredTo, REFERENCES, type Relation } from '../warehouse/relation.js';

/**
 * Return the page docs/data-model.md: an introduction written by hand, an entity-relationship diagram of schema public,
 * and the dictionary of all relations.
 *
 * @param start the introduction, as Markdown that ends with a line end
 * @throws Error when the diagram names a table or column that does not exist
 */
export function dataModelPage(relations: Relation[], start: string): string {
  const promised = relations.filter(({ schema }) => schema === 'public');
  const dictionary = relations.map(dictionaryEntry).join('\n');
  return `# Data model

<!-- Made by "npm run docs:data-model": change src/build/dataModelStart.md and the comments in sql/, not this file. -->

${start}
## Entities and relations

\`\`\`mermaid
erDiagram
${REFERENCES.map((reference) => arrow(reference, promised)).join('\n')}
${promised.map((relation) => entity(relation)).join('\n')}
\`\`\`

## Dictionary

${DICTIONARY_LEGEND}

${dictionary}`;
}

function arrow({ from, column, to, verb }: (typeof REFERENCES)[number], relations: Relation[]): string {
  for (const name of [from, to]) {
    const relation = relations.find((candidate) => candidate.name === name);
    if (!relation) throw new Error(`The diagram names the table ${name}, which schema public does not have.`);
    if (name === from && !relation.columns.some((candidate) => candidate.name === column)) {
      throw new Error(`The diagram names the column ${from}.${column}, which does not exist.`);
    }
  }
  return `  ${to} ||--o{ ${from} : "${verb}"`;
}

function entity(relation: Relation): string {
  const lines = relation.columns.map(
    (column) => `    ${column.type} ${column.name}${diagramKey(relation, column)}`,
  );
  return `  ${relation.name} {\n${lines.join('\n')}\n  }`;
}

function diagramKey(relation: Relation, column: Column): string {
  const keys = [...(isKey(column) ? ['PK'] : []), ...(referredTo(relation, column) === null ? [] : ['FK'])];
  return keys.length === 0 ? '' : ` ${keys.join(', ')}`;
}
