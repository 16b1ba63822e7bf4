import { describe, expect, it } from 'vitest';
import { begin, record, redo, undo } from '../src/circuit/history.ts';
import { latest } from '../src/circuit/latest.ts';
import { nearest, type Spot } from '../src/circuit/nearest.ts';
import { scoreInWords } from '../src/circuit/score-in-words.ts';

describe('what was changed by hand', () => {
  const three = record(record(begin('a'), 'b'), 'c');

  it('is undone and done again, step by step, and not beyond the ends', () => {
    expect(undo(three).present).toBe('b');
    expect(undo(undo(undo(three))).present).toBe('a');
    expect(redo(undo(three))).toEqual(three);
    expect(redo(three)).toBe(three);
  });

  it('takes another way from where it was undone, and the old way is gone', () => {
    const other = record(undo(three), 'd');
    expect(other).toEqual({ past: ['a', 'b'], present: 'd', future: [] });
  });
});

describe('questions while a slider moves', () => {
  it('are asked one at a time, and of those that come meanwhile only the last', async () => {
    const asked: number[] = [];
    const shown: string[] = [];
    const answers: (() => void)[] = [];
    const ask = latest(
      (question: number) => {
        asked.push(question);
        return new Promise<string>((resolve, reject) => {
          answers.push(() => (question === 4 ? reject(new Error('four')) : resolve(`answer ${question}`)));
        });
      },
      (answer) => shown.push(answer),
      (error) => shown.push(`no ${error.message}`),
    );
    const answer = async (): Promise<void> => {
      answers.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    };
    for (const question of [1, 2, 3, 4]) ask(question);
    expect(asked).toEqual([1]);
    await answer();
    expect(asked).toEqual([1, 4]);
    ask(5);
    await answer();
    await answer();
    expect(shown).toEqual(['answer 1', 'no four', 'answer 5']);
    ask(6);
    expect(asked).toEqual([1, 4, 5, 6]);
  });
});

describe('arrow keys', () => {
  const spots: readonly Spot[] = [
    { device: 'here', x: 0, y: 0 },
    { device: 'right', x: 10, y: 1 },
    { device: 'far right', x: 30, y: 0 },
    { device: 'aside', x: 6, y: 9 },
    { device: 'below', x: 1, y: 12 },
  ];

  it('go to what lies next that way, and nowhere where there is nothing', () => {
    const next = (direction: Parameters<typeof nearest>[2]) => nearest(spots, spots[0]!, direction)?.device;
    expect([next('right'), next('down'), next('left'), next('up')]).toEqual(['right', 'below', undefined, undefined]);
  });
});

describe('how a circuit does, in words', () => {
  const score = { rows: 30, right: 28, moved: 2, unsolved: 0, rmse: undefined };

  it.each([
    [score, undefined, '28 of 30 rows right, 2 decided otherwise'],
    [score, { ...score, right: 30 }, '28 of 30 rows right (−2), 2 decided otherwise'],
    [{ ...score, right: undefined }, undefined, '30 rows, 2 decided otherwise'],
    [
      { ...score, right: undefined, moved: 0, unsolved: 3 },
      undefined,
      '30 rows, none decided otherwise, 3 without an operating point',
    ],
    [
      { ...score, right: undefined, moved: undefined, rmse: 1.5 },
      { ...score, rmse: 1.25 },
      'RMSE 1.5 over 30 rows (before 1.25)',
    ],
  ])('%j against %j', (one, before, words) => {
    expect(scoreInWords(one, before)).toBe(words);
  });
});
