import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOMS } from '../../rooms.js';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const ARCHITECTURE = readFileSync(join(PROJECT, 'docs/architecture.md'), 'utf8');
const SRC = join(PROJECT, 'src');
/** Rooms that put others together, and are no one's to import. */
const PUT_TOGETHER = ['commands', 'app', 'build', 'simulation/demo'];

/** The room of a file below src/; null for an entry point. */
function roomOf(path: string): string | null {
  const [first = '', second = '', ...rest] = path.split('/');
  if (second === '') return null;
  return rest.length > 0 && `${first}/${second}` in { ...ROOMS, 'simulation/demo': [] }
    ? `${first}/${second}`
    : first;
}

/** Which rooms each room imports, types included. */
function importsOfRooms(): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  for (const file of files) {
    const room = roomOf(file);
    if (room === null) continue;
    const of = imports.get(room) ?? imports.set(room, new Set()).get(room);
    const { importedFiles } = ts.preProcessFile(readFileSync(join(SRC, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const imported = roomOf(relative(SRC, normalize(join(SRC, dirname(file), fileName))));
      if (imported !== null && imported !== room) of?.add(imported);
    }
  }
  return imports;
}

const actual = importsOfRooms();
const sorted = (names: Iterable<string>) => [...names].sort();

describe('the rooms of src/', () => {
  it('import what rooms.js says, no more and no less', () => {
    const found = [...actual].filter(([room]) => !PUT_TOGETHER.includes(room));
    expect(
      Object.fromEntries(found.map(([room, of]) => [room, sorted(of).filter((name) => name !== 'runtime')])),
    ).toEqual(Object.fromEntries(Object.entries(ROOMS).map(([room, of]) => [room, sorted(of)])));
  });

  it('are the ones of the table in docs/architecture.md, with the same imports', () => {
    const rows = [...ARCHITECTURE.matchAll(/^\| `([\w/]+)\/`[^|]*\|[^|]*\|([^|]*)\|$/gm)];
    const table = rows.map(([, room = '', imports = '']) => [
      room,
      sorted(imports.split(',').map((name) => name.trim())).filter((name) => name !== '–'),
    ]);
    const all = [...Object.entries(ROOMS), ...PUT_TOGETHER.map((room) => [room, ['any']] as const)];
    expect(Object.fromEntries(table)).toEqual(
      Object.fromEntries(all.map(([room, of]) => [room, sorted(of)])),
    );
  });

  it('are drawn with the arrows that there are', () => {
    const [, drawing = ''] = /```mermaid\n(flowchart TD[\s\S]*?)```/.exec(ARCHITECTURE) ?? [];
    const arrows = [...drawing.matchAll(/^ *([\w/]+) --> ([\w/&\s]+)$/gm)].flatMap(([, from = '', to = '']) =>
      to.split('&').map((name) => [from, name.trim()] as const),
    );
    expect(arrows.length).toBeGreaterThan(10);
    const drawn = new Map<string, string[]>();
    for (const [from, to] of arrows) drawn.set(from, [...(drawn.get(from) ?? []), to]);
    for (const [from, to] of arrows) expect(actual.get(from), `${from} --> ${to}`).toContain(to);
    const reached = (from: string): Set<string> =>
      new Set((drawn.get(from) ?? []).flatMap((to) => [to, ...reached(to)]));
    for (const [from, of] of actual) {
      if (from === 'build') continue;
      const seen = reached(from);
      for (const to of of) {
        // Every room may import these two, so that arrows to them would only hide the others.
        if (to !== 'runtime' && to !== 'domain') expect(seen, `${from} --> ${to} is not drawn`).toContain(to);
      }
    }
  });
});
