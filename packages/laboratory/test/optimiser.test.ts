import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Draws, InputFileError, UsageError } from '@neuroprint/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendExperiments, readExperiments } from '../src/experiments/experiments.ts';
import { type Experiment, suggest } from '../src/experiments/optimiser.ts';
import { readSpace, Space, settingOf } from '../src/experiments/space.ts';

const oven = new Space([
  { name: 'perovskite', levels: ['MAPbI3', 'MAPbBr3', 'CsPbI3'] },
  { name: 'minutes', levels: [5, 10, 20, 40] },
]);
const line = new Space([{ name: 'x', low: -1, high: 3 }]);

describe('suggest', () => {
  it('never repeats a setting, and says so when none is left', () => {
    const done: Experiment[] = [];
    for (let k = 0; k < oven.size; k += 1) {
      const { setting } = suggest(oven, done, 1, { goal: 'maximise', first: 4 })[0]!;
      expect(done.map((e) => JSON.stringify(e.setting))).not.toContain(JSON.stringify(setting));
      done.push({ setting, value: (setting[1] as number) / 40 + (setting[0] === 'MAPbBr3' ? 1 : 0) });
    }
    expect(() => suggest(oven, done, 1, { goal: 'maximise' })).toThrow(UsageError);
  });

  it('gives a batch of different settings, and the same one for the same experiments and seed', () => {
    const done = [0, 1, 2].map((k) => ({ setting: ['MAPbI3', [5, 10, 20][k]!], value: k }));
    const batch = suggest(oven, done, 5, { goal: 'maximise', first: 3 });
    expect(new Set(batch.map(({ setting }) => JSON.stringify(setting))).size).toBe(5);
    expect(suggest(oven, done, 5, { goal: 'maximise', first: 3 })).toEqual(batch);
  });

  it.each([
    ['minimise', 1],
    ['maximise', -1],
  ] as const)('finds where a parabola is best to %s', (goal, sign) => {
    const done: Experiment[] = [];
    for (let k = 0; k < 12; k += 1) {
      const { setting } = suggest(line, done, 1, { goal })[0]!;
      done.push({ setting, value: sign * ((setting[0] as number) - 1.234) ** 2 });
    }
    expect(Math.min(...done.map(({ value }) => sign * value!))).toBeLessThan(1e-4);
  });

  it('says what it expects, and why', () => {
    const done = [-1, 0, 2, 3].map((x) => ({ setting: [x], value: x * x }));
    const [next] = suggest(line, done, 1, { goal: 'minimise', first: 1 });
    expect(next!.predicted!.std).toBeGreaterThan(0);
    expect(next!.reason).toMatch(/against 0$/);
  });
});

describe('Space', () => {
  const factor = fc.oneof(
    fc
      .tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: 0.1, max: 1e3, noNaN: true }))
      .map(([low, width]) => ({ low, high: low + width })),
    fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 2, maxLength: 5 }).map((levels) => ({ levels })),
    fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 2, maxLength: 5 }).map((levels) => ({ levels })),
  );

  it('has coordinates in 0..1, and settings that a table can hold and give back', () => {
    fc.assert(
      fc.property(fc.array(factor, { minLength: 1, maxLength: 4 }), fc.nat(), (factors, seed) => {
        const space = new Space(factors.map((one, k) => ({ name: `f${k}`, ...one })));
        const setting = space.random(new Draws(seed, 'space'), 0);
        const x = new Float64Array(space.dimensions);
        space.encode(setting, x);
        expect(x.every((v) => v >= 0 && v <= 1)).toBe(true);
        space.factors.forEach((one, k) => {
          expect(settingOf(one, String(setting[k]), { file: 'x', row: 2 })).toBe(setting[k]);
        });
      }),
    );
  });
});

describe('the table of experiments', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'experiments-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (text: string, name = 'past.csv'): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('takes a result that is not there yet for an experiment that is out', () => {
    const file = write('minutes,perovskite,usability\n5,MAPbI3,0.25\n10,MAPbI3,\n');
    expect(readExperiments(file, oven, 'usability')).toEqual([
      { setting: ['MAPbI3', 5], value: 0.25 },
      { setting: ['MAPbI3', 10] },
    ]);
  });

  it('grows by what is suggested, and keeps what a person wrote', () => {
    const file = join(folder, 'new.csv');
    appendExperiments(file, oven, 'usability', [{ setting: ['MAPbI3', 5] }]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('5,\n', '5,0.5\n'));
    appendExperiments(file, oven, 'usability', [{ setting: ['CsPbI3', 40] }]);
    expect(readFileSync(file, 'utf8')).toBe('perovskite,minutes,usability\nMAPbI3,5,0.5\nCsPbI3,40,\n');
  });

  it.each([
    ['an unknown level', 'perovskite,minutes,usability\nMAPbI3,6,1\n', /row 2, column minutes: "6" is no level/],
    ['an unknown name', 'perovskite,minutes,usability\nlead,5,1\n', /column perovskite: "lead" is no level/],
    [
      'a duplicate',
      'perovskite,minutes,usability\nMAPbI3,5,1\nMAPbI3,5,2\n',
      /row 3: is the experiment of row 2 again/,
    ],
    ['a result in words', 'perovskite,minutes,usability\nMAPbI3,5,good\n', /"good" is not a number up to 1e\+100/],
    [
      'a result of no number',
      'perovskite,minutes,usability\nMAPbI3,5,NaN\n',
      /row 2, column usability: "NaN" is not a/,
    ],
    ['a result beyond all', 'perovskite,minutes,usability\nMAPbI3,5,1e300\n', /"1e300" is not a number up to 1e\+100/],
    ['no result column', 'perovskite,minutes\nMAPbI3,5\n', /column usability: there is no such column/],
    ['a header alone of other columns', 'perovskite,usability\n', /column minutes: there is no such column/],
    ['semicolons in a header alone', 'perovskite;minutes;usability\n', /row 1: .* separated by semicolons/],
  ])('refuses %s', (_, text, message) => {
    expect(() => readExperiments(write(text), oven, 'usability')).toThrow(message);
  });

  it.each(['', ' \n', 'perovskite,minutes,usability', '\uFEFFperovskite,minutes,usability\r\n'])(
    'is empty where nobody has filled it in: %j',
    (text) => {
      const file = write(text);
      expect(readExperiments(file, oven, 'usability')).toEqual([]);
      appendExperiments(file, oven, 'usability', [{ setting: ['MAPbI3', 5] }]);
      expect(readExperiments(file, oven, 'usability')).toEqual([{ setting: ['MAPbI3', 5] }]);
    },
  );

  it('refuses a space with a level twice or a range the wrong way round', () => {
    const bad = (factors: string) => () => readSpace(write(`{"factors": [${factors}]}`, 'space.json'));
    expect(bad('{"name": "a", "levels": [1, 1]}')).toThrow(InputFileError);
    expect(bad('{"name": "a", "low": 2, "high": 1}')).toThrow(InputFileError);
    expect(bad('{"name": "a", "low": -1e308, "high": 1e308}')).toThrow(/more than numbers can hold/);
  });

  it('refuses a number outside its range', () => {
    expect(() => readExperiments(write('x,y\n4,1\n'), line, 'y')).toThrow(/"4" is not from -1 to 3/);
  });
});
