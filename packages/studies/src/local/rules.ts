import { UsageError } from '@neuroprint/core';
import type { LaplacianSolver } from './laplacian.ts';
import { type ResistorScale, stepOhms } from './resistors.ts';

/**
 * The update rules of the reference experiment. With ΔV the voltage over a resistor, C the clamped and F the free state, and
 * the outputs clamped at o_F + η·(target − o_F):
 * `voltage-drop`: δR ∝ (ΔV_C² − ΔV_F²)/η; `sign`: δR = ± one level, by the sign of |ΔV_C| − |ΔV_F|; `ignore-free`: the outputs are
 * clamped at the target itself, whatever the free state says (η = 1), and δR is that of the voltage drops.
 */
export const RULES = ['voltage-drop', 'sign', 'ignore-free'] as const;
export type Rule = (typeof RULES)[number];

export interface RuleOptions {
  readonly rule: Rule;
  /** η from above 0 to 1; `ignore-free` is η = 1 and needs none. */
  readonly nudge: number;
  /** Share of the resistors' range that a difference of 1 V² moves a resistor, for the rules of voltage drops. */
  readonly rate: number;
}

/** A comparator sees no smaller difference of voltage drops, in volts: rounding must not decide. */
const COMPARATOR_VOLTS = 1e-9;

/** The η that the outputs are clamped with. Throws UsageError where it is no share. */
export function nudgeOf({ rule, nudge }: Pick<RuleOptions, 'rule' | 'nudge'>): number {
  if (!(nudge > 0 && nudge <= 1)) throw new UsageError(`nudge is ${nudge}, and must be above 0 and at most 1.`);
  return rule === 'ignore-free' ? 1 : nudge;
}

/** Room for the states of a network; [nodes] volts each. */
export interface States {
  readonly free: Float64Array;
  readonly clamped: Float64Array;
}

export function newStates(nodes: number): States {
  return { free: new Float64Array(nodes), clamped: new Float64Array(nodes) };
}

/**
 * The free state of a row, and the clamped one at o_F + η·(target − o_F). `driveVolts` and `targetVolts` are read at `row`,
 * [rows × driven] and [rows × outputs].
 */
export function solveStates(
  solver: LaplacianSolver,
  driveVolts: Float64Array,
  targetVolts: Float64Array,
  row: number,
  nudge: number,
  { free, clamped }: States,
): void {
  const { driven, outputs } = solver.network;
  driven.forEach((node, k) => {
    const volts = driveVolts[row * driven.length + k]!;
    free[node] = volts;
    clamped[node] = volts;
  });
  solver.solveFree(free);
  outputs.forEach((node, k) => {
    clamped[node] = free[node]! + nudge * (targetVolts[row * outputs.length + k]! - free[node]!);
  });
  solver.solveClamped(clamped);
}

/**
 * (ΔV_C² − ΔV_F²)/η of every edge, in volts², added to `out`. Each is known at its own resistor: the rule is local.
 */
export function addContrast(
  edges: readonly (readonly [number, number])[],
  { free, clamped }: States,
  nudge: number,
  out: Float64Array,
): void {
  for (let e = 0; e < edges.length; e += 1) {
    const [a, b] = edges[e]!;
    const dropClamped = clamped[a]! - clamped[b]!;
    const dropFree = free[a]! - free[b]!;
    out[e]! += ((dropClamped - dropFree) * (dropClamped + dropFree)) / nudge;
  }
}

/** One update of all levels after one row. Levels are whole and stay within the scale: what is less than half a level is lost. */
export function updateLevels(
  level: Int32Array,
  scale: ResistorScale,
  edges: readonly (readonly [number, number])[],
  states: States,
  options: RuleOptions,
  contrast: Float64Array,
): void {
  const most = scale.levels - 1;
  const move = (e: number, by: number): void => {
    level[e] = Math.min(most, Math.max(0, level[e]! + by));
  };
  if (options.rule === 'sign') {
    const { free, clamped } = states;
    for (let e = 0; e < edges.length; e += 1) {
      const [a, b] = edges[e]!;
      const difference = Math.abs(clamped[a]! - clamped[b]!) - Math.abs(free[a]! - free[b]!);
      if (Math.abs(difference) > COMPARATOR_VOLTS) move(e, Math.sign(difference));
    }
    return;
  }
  contrast.fill(0);
  addContrast(edges, states, nudgeOf(options), contrast);
  const perVoltSquared = (options.rate * (scale.maximumOhms - scale.minimumOhms)) / stepOhms(scale);
  for (let e = 0; e < edges.length; e += 1) move(e, Math.round(perVoltSquared * contrast[e]!));
}

/** siemens of every edge at its level. */
export function siemensOf(level: Int32Array, scale: ResistorScale, out: Float64Array): void {
  const step = stepOhms(scale);
  for (let e = 0; e < level.length; e += 1) out[e] = 1 / (scale.minimumOhms + level[e]! * step);
}
