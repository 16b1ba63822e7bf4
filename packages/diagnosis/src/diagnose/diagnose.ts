import type { FlatCircuit } from '@neuroprint/circuit';
import { NeuroprintError, type Variation } from '@neuroprint/core';
import { chiSquareQuantile } from '@neuroprint/numeric';
import type { Fault } from '../faults/fault.ts';
import { groupAlike } from './alike.ts';
import { type Hypothesis, hypothesis } from './hypothesis.ts';
import { Latent } from './latent.ts';
import type { SheetCells } from './model.ts';
import { type Candidate, type FittedGroup, PRIOR_GOOD, weigh } from './posterior.ts';
import { Screen } from './screen.ts';
import { levelsOf, tournament } from './tournament.ts';

/** What a diagnosis starts from. */
export interface DiagnosisRequest {
  readonly flat: FlatCircuit;
  readonly faults: readonly Fault[];
  readonly sheet: SheetCells;
  readonly variation: number | Variation;
  readonly meterVolts: number;
  /** Most faults that are looked for at once; default 2. */
  readonly mostFaults?: number;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

export type Verdict = 'within tolerance' | 'fault found' | 'unexplained';

/** What is likely broken on a sheet. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** That nothing is broken, or nothing that leaves a trace. */
  readonly probabilityGood: number;
  readonly good: FittedGroup;
  /** The likeliest first; those of which the evidence is less by e^−20 are left out. */
  readonly candidates: readonly Candidate[];
  /** Above this χ² a circuit does not explain the sheet. */
  readonly explainedBelow: number;
}

/** The good circuit has no operating point at what was applied: nothing can be said. */
class NoGoodSheetError extends NeuroprintError {
  override readonly exitCode = 1;
}

/**
 * A sheet is said to be broken where "some fault" is so many times as probable as "none" at equal priors. Of good sheets at most one in so
 * many comes that far, whatever the circuit (Markov's inequality on a likelihood ratio, whose mean over good sheets is 1).
 */
const LEAST_BAYES_FACTOR = 100;
/** A circuit whose χ² only one of so many prints would have does not explain a sheet. */
const EXPLAINED = 0.999;
/** Groups that are fitted exactly: those that the screen likes best, and where none explains the sheet the next, so many times. */
const FITTED = 32;
const ROUNDS = 4;
/** Circuits with faults to which one more is added. */
const EXTENDED = 3;

/** Groups of hypotheses that the cells cannot tell apart, with the screen of the first of each. */
interface Prepared {
  readonly groups: readonly { readonly hypothesis: Hypothesis; readonly alike: readonly (readonly Fault[])[] }[];
  readonly screen: Screen;
}

/** Says what is broken on sheets that are measured at the same cells. Made once, it diagnoses any number of them. */
export class SheetDiagnosis {
  readonly request: DiagnosisRequest;
  readonly latent: Latent;
  readonly #levels: readonly number[];
  readonly #single: Prepared;

  constructor(request: DiagnosisRequest) {
    const { flat, variation, meterVolts } = request;
    this.request = request;
    this.latent = new Latent(flat, variation);
    this.#levels = levelsOf(flat.technology.bias.volts, meterVolts);
    this.#single = this.#prepare([]);
  }

  /** Single faults in groups that the cells cannot tell apart; those of the first leave no trace. */
  get groups(): readonly (readonly Fault[])[] {
    return this.#single.groups.map(({ alike }) => alike.flat());
  }

  /** The volts of all cells as designed; NaN where the circuit has no operating point. */
  get designed(): Float64Array {
    const volts = new Float64Array(this.request.sheet.cells.length);
    const { model } = this.#single.groups[0]!.hypothesis;
    return model.at(new Float64Array(this.latent.count), volts) ? volts : volts.fill(Number.NaN);
  }

  /** What the measured volts of all cells, in their order, say. Throws NeuroprintError where the good circuit has no operating point. */
  diagnose(measured: Float64Array): Diagnosis {
    const { mostFaults = 2, faults } = this.request;
    const explainedBelow = chiSquareQuantile(EXPLAINED, measured.length);
    const isExplained = (groups: readonly FittedGroup[]): boolean =>
      groups.some(({ fit }) => fit.chiSquare <= explainedBelow);
    let fitted: readonly FittedGroup[] = this.#fit(this.#single, measured, 0);
    const good = fitted[0];
    if (good === undefined || good.alike[0]!.length > 0)
      throw new NoGoodSheetError('The circuit has no operating point at the volts that were applied.');
    for (let round = 1; round < ROUNDS && !isExplained(fitted); round += 1)
      fitted = [...fitted, ...this.#fit(this.#single, measured, round).slice(1)];
    for (let count = 2; count <= mostFaults && !isExplained(fitted); count += 1) {
      const most = fitted.filter(({ hypothesis: one }) => one.faults.length === count - 1);
      const leaders = most.toSorted((a, b) => b.fit.logEvidence - a.fit.logEvidence).slice(0, EXTENDED);
      const more = leaders.flatMap(({ hypothesis: one }) =>
        this.#fit(this.#prepare(one.faults), measured, 0).filter(({ alike }) => alike[0]!.length === count),
      );
      fitted = [...fitted, ...more];
    }
    const { probabilityGood, candidates } = weigh(fitted, faults.length);
    const isBroken = (1 - probabilityGood) * PRIOR_GOOD >= LEAST_BAYES_FACTOR * probabilityGood * (1 - PRIOR_GOOD);
    const explains = (isBroken ? candidates[0]! : good).fit.chiSquare <= explainedBelow;
    const verdict = !explains ? 'unexplained' : isBroken ? 'fault found' : 'within tolerance';
    return { verdict, probabilityGood, good, candidates, explainedBelow };
  }

  /** The circuit with the faults `before`, first, and with each one more. */
  #prepare(before: readonly Fault[]): Prepared {
    const { flat, sheet, faults, meterVolts, onProgress } = this.request;
    const parts = new Set(before.flatMap(({ components }) => components));
    const names = new Set(before.map(({ name }) => name));
    const others = faults.filter(
      ({ name, components: own }) => !names.has(name) && !own.some((part) => parts.has(part)),
    );
    const hypotheses = [[], ...others.map((fault) => [fault])].map((more) =>
      hypothesis(flat, this.latent, sheet, [...before, ...more]),
    );
    const nominal = new Float64Array(this.latent.count);
    const means = hypotheses.map(({ model }) => {
      const volts = new Float64Array(sheet.cells.length);
      return model.at(nominal, volts) ? volts : undefined;
    });
    const places = groupAlike(means, meterVolts);
    const groups = places.map((group) => ({
      hypothesis: hypotheses[group[0]!]!,
      alike: group.map((i) => hypotheses[i]!.faults),
    }));
    const leaders = places.slice(1).map((group) => others[group[0]! - 1]!);
    const what = before.length === 0 ? 'copies' : `copies with ${[...names].join(', ')}`;
    const coarse = this.#levels[Math.min(1, this.#levels.length - 1)]!;
    const screen = new Screen(hypotheses[0]!.model, leaders, this.latent, coarse, (done, total) =>
      onProgress?.(what, done, total),
    );
    return { groups, screen };
  }

  /** The first group, and of the others those that the screen likes best, or in a later round those after them, fitted. */
  #fit({ groups, screen }: Prepared, measured: Float64Array, round: number): FittedGroup[] {
    const scores = screen.scores(measured);
    const chosen = [...scores.keys()]
      .filter((g) => scores[g]! > Number.NEGATIVE_INFINITY)
      .sort((a, b) => scores[b]! - scores[a]! || a - b)
      .slice(round * FITTED, (round + 1) * FITTED);
    const entrants = [...new Set([0, ...chosen])].map((g) => ({ ...groups[g]!, near: screen.nearest(g, measured) }));
    return tournament(entrants, measured, this.latent.count, this.#levels);
  }
}
