import { describe, expect, it } from 'vitest';
import { TimeLeft } from '../packages/cli/src/time-left.ts';

describe('the time that is left', () => {
  it('is not guessed from a start that is slower than the rest', () => {
    const left = new TimeLeft();
    // half a minute until the first of 1,000 steps is done, then 100 steps a second
    expect(left.at(0, 0, 1000)).toBeUndefined();
    expect(left.at(30, 1, 1000)).toBeUndefined();
    expect(new TimeLeft().at(30, 1, 1000)).toBeUndefined();
    const later = new TimeLeft();
    expect(later.at(30, 1, 1000)).toBeUndefined();
    expect(later.at(32, 201, 1000)).toBeCloseTo(7.99, 2);
  });

  it('needs some steps and some seconds', () => {
    const left = new TimeLeft();
    expect(left.at(0, 0, 10)).toBeUndefined();
    expect(left.at(1, 4, 10)).toBeUndefined();
    expect(left.at(2, 4, 10)).toBeCloseTo(3, 6);
    expect(new TimeLeft().at(100, 2, 10)).toBeUndefined();
  });

  it('is measured anew where work counts anew or has another size, and is unknown where nobody knows the size', () => {
    const left = new TimeLeft();
    left.at(0, 0, 50);
    expect(left.at(5, 50, 50)).toBe(0);
    expect(left.at(6, 1, 50)).toBeUndefined();
    expect(left.at(16, 11, 50)).toBeCloseTo(39, 6);
    expect(left.at(17, 11, 80)).toBeUndefined();
    expect(left.at(30, 12, 0)).toBeUndefined();
  });
});
