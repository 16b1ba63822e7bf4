import { expect, it } from 'vitest';
import { fragmentOf, LinkError, runOf } from '../src/folder/link.ts';
import { type Choices, DEFAULT_CHOICES } from '../src/steps/choices.ts';

const choices: Choices = {
  ...DEFAULT_CHOICES,
  label: 'class & more',
  split: 'fold',
  regression: true,
  roles: { 'sepal length (cm)': 'out', colour: 'one-hot', __proto__x: 'input' },
  missing: 'impute',
  missingValues: '?,-9',
  technology: 'printed p-type',
  options: { train: { hidden: '8,4', seed: '7' }, compile: { 'e-series': 'E24' }, verify: {}, layout: {} },
  more: { train: '--variation-model "my model.json" --restarts 3', compile: '', verify: '--blame', layout: '' },
};

it('a link says every choice, and reading it gives them back', () => {
  const run = { example: 'iris.csv', choices, version: '0.1.0' };
  expect(runOf(fragmentOf(run))).toEqual(run);
  const own = { example: undefined, choices: DEFAULT_CHOICES, version: '0.1.0' };
  expect(runOf(fragmentOf(own))).toEqual(own);
  expect(fragmentOf(own)).toBe('neuroprint=0.1.0&technology=egt&missing=refuse&verify=--monte-carlo+100');
  expect(runOf('')).toBeUndefined();
  expect(runOf('verify')).toBeUndefined();
});

it.each([
  ['a fragment of another page', 'section=3', 'The link is none of this page.'],
  ['something unknown', 'neuroprint=0.1.0&colour=red', 'The link says "colour", which this page does not know.'],
  ['a table', 'neuroprint=0.1.0&data=1,2,3', 'The link says "data", which this page does not know.'],
  ['something twice', 'neuroprint=0.1.0&label=a&label=b', 'The link says label twice.'],
  ['a link that was cut off', 'neuroprint=0.1.0&label=', 'The link says label, and not what it is.'],
  [
    'a word that is none',
    'neuroprint=1&missing=guess',
    'The link says missing is "guess", and it is one of: refuse, drop, impute.',
  ],
  [
    'a role that is none',
    'neuroprint=1&role+x=boss',
    'The link says role x is "boss", and it is one of: input, one-hot, out.',
  ],
  ['no option', 'neuroprint=1&train=3', 'The link gives train "3", which is no option.'],
  ['a folder', 'neuroprint=1&train=--out+/', "The link gives train the option --out, which is the page's own."],
  [
    'an option without a value',
    'neuroprint=1&train=--hidden',
    'The link gives train the option --hidden without a value.',
  ],
  ['an option twice', 'neuroprint=1&train=--seed+1+--seed=2', 'The link gives train the option --seed twice.'],
  ['very much', `neuroprint=1&label=${'x'.repeat(8000)}`, 'The link is longer than 8000 characters.'],
])('a link that says %s is refused with a sentence', (_, fragment, message) => {
  expect(() => runOf(fragment)).toThrow(new LinkError(message.replace(/^The link (.*)\.$/, '$1')));
});
