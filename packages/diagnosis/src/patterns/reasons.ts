import { type FlatCircuit, toleranceVolts } from '@neuroprint/circuit';
import type { Fault } from '../faults/fault.ts';
import type { Responses } from './responses.ts';
import type { SheetSampler } from './sheets.ts';

/** Why a fault is not found. */
type MissedReason =
  /** Every end is driven: only the current of a source changes. */
  | 'between driven nodes'
  | 'no path to what is measured'
  /** Nodes move, and a stage that stays where it is hides it from the meter. */
  | 'masked by a saturated stage'
  /** It moves what is measured by more than the meter's error, and printing does as much. */
  | 'below printing tolerance'
  | 'no operating point';

export interface Missed {
  readonly reason: MissedReason;
  /** The stages that hide it. */
  readonly stages?: readonly string[];
}

/** Faults that are nothing but a resistor between two nodes. */
const SHORTS: ReadonlySet<string> = new Set([
  'lines shorted',
  'drain-source short',
  'gate-drain short',
  'gate-source short',
]);

/** The most that a fault moves any reading at any candidate, volts. */
export function largestMove(move: Float64Array | undefined): number | undefined {
  return move?.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

/** All candidates, and the states of the good circuit at them. */
type Candidates = Pick<Responses, 'patterns' | 'state'>;

/** Says why a fault is not found, from what it does to all nodes at all candidates; `most` is the most that it moves any reading there. */
export function whyMissed(
  sampler: SheetSampler,
  candidates: Candidates,
  fault: number,
  stages: readonly { readonly name: string; readonly input: string; readonly output: string }[],
  most: number | undefined,
): Missed {
  const { flat, faults, meterVolts } = sampler.task;
  if (most === undefined) return { reason: 'no operating point' };
  const one = faults[fault]!;
  if (SHORTS.has(one.kind) && one.nodes.every((node) => flat.driven.includes(node)))
    return { reason: 'between driven nodes' };
  if (most > meterVolts) return { reason: 'below printing tolerance' };
  if (!reaches(flat, one, sampler.task.observed)) return { reason: 'no path to what is measured' };
  const moved = nodeMoves(sampler, candidates, fault);
  const hiding = stages.filter(
    ({ input, output }) => (moved.get(input) ?? 0) > meterVolts && !((moved.get(output) ?? 0) > meterVolts),
  );
  const least = toleranceVolts(flat.technology);
  if (hiding.length === 0 && Math.max(0, ...moved.values()) < least) return { reason: 'below printing tolerance' };
  return { reason: 'masked by a saturated stage', stages: hiding.map(({ name }) => name) };
}

/** The most by which a fault moves each node at any candidate. */
function nodeMoves(sampler: SheetSampler, { patterns, state }: Candidates, fault: number): ReadonlyMap<string, number> {
  const { unknowns } = sampler.task.flat;
  const faulty = sampler.faultyState(fault, patterns, state);
  const moved = new Float64Array(unknowns.length);
  faulty.forEach((v, i) => {
    const node = i % unknowns.length;
    moved[node] = Math.max(moved[node]!, Math.abs(v - state[i]!));
  });
  return new Map(unknowns.map((node, k) => [node, moved[k]!]));
}

/** Whether a change at a fault's ends can reach an observed node: through conductors both ways, through transistors and op-amps to their outputs. */
function reaches(flat: FlatCircuit, { nodes }: Fault, observed: readonly string[]): boolean {
  const size = flat.unknowns.length;
  const next = new Map<number, number[]>();
  const lead = (from: number, to: number): void => {
    if (to < size) next.set(from, [...(next.get(from) ?? []), to]);
  };
  for (const { nodes: ends } of [...flat.resistors, ...flat.leaks]) {
    lead(ends[0], ends[1]);
    lead(ends[1], ends[0]);
  }
  for (const { drain, gate, source } of flat.transistors)
    for (const from of [drain, gate, source]) for (const to of [drain, source]) lead(from, to);
  for (const { plus, minus, output } of flat.opamps) for (const from of [plus, minus]) lead(from, output);
  for (const { input, open, output } of flat.sources) for (const from of [input, open]) lead(from, output);
  const all = [...flat.unknowns, ...flat.driven];
  const seen = new Set(nodes.map((node) => all.indexOf(node)));
  for (const node of seen) for (const to of next.get(node) ?? []) seen.add(to);
  return observed.some((node) => seen.has(flat.unknowns.indexOf(node)));
}
