import { describe, expect, it } from 'vitest';
import { type Kept, promises } from '../src/promises.ts';

const good: Kept = { cases: 100, decisionAgreement: 0.97, accuracy: { network: 0.9, ngspice: 0.89 } };
const copies = (share: number, interval: [number, number]): NonNullable<Kept['monteCarlo']> => ({
  draws: 100,
  requestedDraws: 100,
  relativeSpread: 0.1,
  seed: 0,
  meanAccuracy: 0.8,
  stdAccuracy: 0.1,
  p5Accuracy: 0.6,
  minAccuracy: 0.5,
  yieldAccuracy: 0.85,
  yield: share,
  yieldInterval: interval,
  simulatedDraws: 100,
  maxErrorVolts: 0,
  decisionsDiffering: 0,
  ties: 0,
});
const broken = (facts: Partial<Kept>, named?: Set<string>): string[] =>
  promises({ ...good, ...facts }, named)
    .lines.filter(({ kept }) => !kept)
    .map(({ name }) => name);

describe('what a circuit promises without being asked', () => {
  it('is kept by a circuit that decides as its network, also where it is the better one', () => {
    expect(promises(good).kept).toBe(true);
    expect(broken({ accuracy: { network: 0.9, ngspice: 0.99 } })).toEqual([]);
  });

  it('is that 85 decisions of a hundred are those of the network', () => {
    expect(broken({ decisionAgreement: 0.85 })).toEqual([]);
    expect(broken({ decisionAgreement: 0.84 })).toEqual(['minimumDecisionsKept']);
  });

  it('is that no more than five points of accuracy are lost', () => {
    expect(broken({ accuracy: { network: 0.9, ngspice: 0.85 } })).toEqual([]);
    expect(broken({ accuracy: { network: 0.9, ngspice: 0.84 } })).toEqual(['maximumAccuracyLost']);
  });

  it('allows two rows of a short table, which are chance, and no third', () => {
    const lost = (rows: number) => ({
      cases: 12,
      decisionAgreement: 1 - rows / 12,
      accuracy: { network: 1, ngspice: 1 - rows / 12 },
    });
    expect(broken(lost(2))).toEqual([]);
    expect(broken(lost(3))).toEqual(['minimumDecisionsKept', 'maximumAccuracyLost']);
  });

  it('is that most printed copies are good, unless so few were printed that chance explains it', () => {
    expect(broken({ monteCarlo: copies(0.55, [0.45, 0.65]) })).toEqual([]);
    expect(broken({ monteCarlo: copies(0.45, [0.35, 0.55]) })).toEqual([]);
    expect(broken({ monteCarlo: copies(0.1, [0.05, 0.18]) })).toEqual(['minimumYield']);
  });

  it('is in regression that the error is no more than half as much again', () => {
    const task = { decisionAgreement: null, accuracy: { network: null, ngspice: null } };
    const score = (rmse: number) => ({ rmse, r: 0.9 });
    expect(broken({ ...task, regression: { network: score(2), ngspice: score(2.9) } })).toEqual([]);
    expect(broken({ ...task, regression: { network: score(2), ngspice: score(3.1) } })).toEqual(['maximumRmseRatio']);
  });

  it('says nothing of what was not measured, and leaves to a specification what it names', () => {
    const nothing = { cases: 10, decisionAgreement: null, accuracy: { network: null, ngspice: null } };
    expect(promises(nothing)).toEqual({ kept: true, lines: [] });
    expect(broken({ decisionAgreement: 0.5 }, new Set(['minimumDecisionsKept']))).toEqual([]);
  });
});

describe('the budget of a network', () => {
  const budget = { maximumPowerWatts: 20e-6, maximumPrintedSquareMetres: 4e-7, maximumInverters: 3 };
  const taken = { watts: 19e-6, copyWatts: 19.9e-6, printedSquareMetres: 3.9e-7, inverters: 3 };

  it('is kept by power, copies, area and inverters', () => {
    expect(broken({ budget, taken })).toEqual([]);
    expect(
      promises({ ...good, budget, taken })
        .lines.map(({ name }) => name)
        .slice(-4),
    ).toEqual(['maximumPowerWatts', 'maximumCopyPowerWatts', 'maximumPrintedSquareMetres', 'maximumInverters']);
  });

  it('is broken by printed copies that take more, though the circuit itself does not', () => {
    expect(broken({ budget, taken: { ...taken, copyWatts: 20.1e-6 } })).toEqual(['maximumCopyPowerWatts']);
    const [line] = promises({ ...good, budget, taken: { ...taken, copyWatts: 20.1e-6 } }).lines.filter((l) => !l.kept);
    expect(line!.message).toBe('95 % of the printed copies take up to 20.10 µW, and at most 20.00 µW may be');
  });

  it('has no line for what was not measured or not limited', () => {
    const { copyWatts: _, ...nominal } = taken;
    const lines = promises({ ...good, budget: { maximumPowerWatts: 20e-6 }, taken: nominal }).lines;
    expect(lines.map(({ name }) => name)).not.toContain('maximumCopyPowerWatts');
    expect(lines.map(({ name }) => name)).not.toContain('maximumInverters');
  });
});
