import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WORDS, wordsSection } from '../src/pages/words.ts';

const GLOSSARY = readFileSync(new URL('../../../docs/manual/glossary.md', import.meta.url), 'utf8');

test('the glossary of the manual has every word, and no other, in the same sentences', () => {
  const lines = [...GLOSSARY.matchAll(/^\| \*\*(.+)\*\* \| (.+) \|$/gm)].map(([, word, meaning]) => [word, meaning]);
  expect(lines).toEqual(WORDS.map(({ word, meaning }) => [word, meaning]));
});

test('words stand in alphabetical order', () => {
  const names = WORDS.map(({ word }) => word);
  expect(names).toEqual([...names].sort());
});

test('a page explains the words that it uses, and no others', () => {
  const { body } = wordsSection('<p>The <b>snapped</b> circuit is 0.3 nats better.</p>')!;
  expect([...body.text.matchAll(/<dt id="word-([^"]+)"/g)].map(([, word]) => word)).toEqual(['nat', 'snapped-circuit']);
});

test('what only stands in a picture or in the markup is no word of the page', () => {
  expect(wordsSection('<p class="yield">Nothing.</p><svg><text>yield</text></svg>')).toBeUndefined();
});
