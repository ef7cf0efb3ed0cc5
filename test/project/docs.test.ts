import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const LONGEST_LINE = 120;
const INDEX = 'docs/README.md';

const pages = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\0')
  // A part of a page in docs/, whose links lead from there.
  .filter((name) => name !== '' && existsSync(name) && !name.startsWith('src/'));

/** A page's lines of prose: no code, no tables, no images. */
function proseOf(page: string): { number: number; line: string }[] {
  let isCode = false;
  return readFileSync(page, 'utf8')
    .split('\n')
    .map((line, index) => ({ number: index + 1, line }))
    .filter(({ line }) => {
      if (/^\s*```/.test(line)) {
        isCode = !isCode;
        return false;
      }
      return !isCode && !/^\s*(\||!\[)/.test(line);
    });
}

/** The anchors that GitHub gives to a page's headings. */
function anchorsOf(page: string): string[] {
  return proseOf(page)
    .filter(({ line }) => /^#+ /.test(line))
    .map(({ line }) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );
}

/** Where a page's links lead, except to other hosts. */
function linksOf(page: string): string[] {
  const found = readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g);
  return [...found].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target));
}

/** Why a link leads nowhere; null where it leads somewhere. */
function brokenLink(page: string, link: string): string | null {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(target)) return `${page}: ${link} is no file`;
  if (anchor === undefined || anchorsOf(target).includes(anchor)) return null;
  return `${page}: ${link} is no heading`;
}

describe('the pages', () => {
  it('have no line of prose that is too long', () => {
    const tooLong = pages.flatMap((page) =>
      proseOf(page)
        .filter(({ line }) => line.length > LONGEST_LINE)
        .map(({ number }) => `${page}:${number}`),
    );
    expect(tooLong).toEqual([]);
  });

  it('have no link that leads nowhere', () => {
    const links = pages.flatMap((page) => linksOf(page).map((link) => brokenLink(page, link)));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((trouble) => trouble !== null)).toEqual([]);
  });

  it('finds a link that leads nowhere', () => {
    expect(brokenLink(INDEX, 'nowhere.md')).not.toBeNull();
    expect(brokenLink(INDEX, '#nowhere')).not.toBeNull();
    expect(brokenLink(INDEX, '../CONTRIBUTING.md#a-source')).toBeNull();
  });

  it('of docs/ stand once in the index', () => {
    const listed = [...readFileSync(INDEX, 'utf8').matchAll(/^- \[[^\]]+\]\(([\w-]+\.md)\): /gm)].map(
      ([, name = '']) => name,
    );
    const there = pages.filter((name) => /^docs\/[^/]+\.md$/.test(name) && name !== INDEX);
    expect(listed.map((name) => `docs/${name}`).toSorted()).toEqual(there.toSorted());
  });

  it('that sources name are there', () => {
    const sources = execFileSync(
      'git',
      ['grep', '-hoE', 'docs/[a-z-]+\\.md', '--', 'src', 'sql', 'deploy', '*.yml', '*.js'],
      {
        encoding: 'utf8',
      },
    );
    const named = [...new Set(sources.trim().split('\n'))];
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !existsSync(name))).toEqual([]);
  });
});
