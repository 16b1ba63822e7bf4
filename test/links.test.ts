import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './cli.ts';

const PAGES = [
  'README.md',
  ...markdownBelow('docs'),
  ...['findings', 'examples', 'netlists-out'].map((folder) => `${folder}/README.md`),
];

/** Every page below a folder of the project, but what typedoc makes. */
function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('api'))
    .map((name) => join(folder, name))
    .sort();
}

/** A page without its code, where brackets are no links and `#` begins no heading. */
const prose = (page: string): string =>
  readFileSync(join(ROOT, page), 'utf8').replace(/```[\s\S]*?```|`[^`\n]*`/g, codeWords);

/** What of a piece of code counts in a heading's anchor. */
const codeWords = (code: string): string => (code.startsWith('```') ? '' : code.replace(/[`[\]()]/g, ''));

/** The anchors of a page's headings, as GitHub makes them: lower case, hyphens for blanks, no punctuation, -1 for a second one. */
function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, heading] of text.matchAll(/^#+ (.+)$/gm)) {
    const words = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    found.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return found;
}

/** The links of a page that lead nowhere: a file that is not there, or a heading that the page does not have. */
function brokenLinks(page: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [path, anchor] = link.split('#') as [string, string?];
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(target === page ? text : prose(target)).has(anchor);
    });
}

describe('the links of the pages', () => {
  it.each(PAGES)('of %s lead to files and headings that are there', (page) => {
    expect(brokenLinks(page, prose(page))).toEqual([]);
  });

  it('are found broken where a file or a heading is missing', () => {
    const text =
      '# A page: with `code`\n[here](#a-page-with-code) [gone](gone.md) [no heading](docs/physics.md#gone) [folder](docs/)';
    expect(brokenLinks('README.md', text)).toEqual(['gone.md', 'docs/physics.md#gone']);
  });

  it('lead from the index to every page of manual and notebook in one hop', () => {
    const index = prose('docs/README.md');
    const pages = markdownBelow('docs').filter((page) => page !== 'docs/README.md');
    expect(pages.filter((page) => !index.includes(`](${relative('docs', page)})`))).toEqual([]);
  });
});

describe('the pages that code, tests and schemas name', () => {
  const files = ['packages', 'test', 'bench', 'spice-templates', 'examples', 'surrogates'].flatMap(sourcesBelow);

  it('are there', () => {
    const named = files.flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\bdocs\/[\w/-]+\.(?:md|svg)\b/g)].map(([page]) => ({
        file,
        page,
      })),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter(({ page, file }) => !existsSync(join(ROOT, page)) && !file.endsWith('links.test.ts'))).toEqual(
      [],
    );
  });
});

/** The sources, templates and pages below a folder, without what was installed or built. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|json|md|hbs|js)$/.test(name) && !/(?:^|\/)(?:node_modules|dist)\//.test(name))
    .map((name) => join(folder, name))
    .filter((file) => statSync(join(ROOT, file)).isFile());
}
