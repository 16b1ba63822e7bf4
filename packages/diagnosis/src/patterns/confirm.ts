import { type Engine, NoConvergenceError, simulateFlat } from '@neuroprint/spice';
import { withFault } from '../faults/apply.ts';
import { isOutside } from './limits.ts';
import type { PatternRequest } from './search.ts';
import { SheetSampler } from './sheets.ts';
import type { TestPatterns } from './test-patterns.ts';

/** What ngspice says of faults that were found. */
export interface ConfirmedPatterns {
  readonly engine: string;
  readonly faults: number;
  /** Of these, faults that the limits of the sheet, or the fit, tell from a good one by the volts of ngspice too. */
  readonly confirmed: number;
  /** Faults under which it found no operating point. */
  readonly unsimulated: number;
  /** Largest difference between the exact solver and ngspice in any reading. */
  readonly maxErrorVolts: number;
}

/** Simulates faults that were found, as designed, at all patterns, and tests what ngspice would have measured. At most `most`, evenly from the list. */
export async function confirmPatterns(
  engine: Engine,
  request: PatternRequest,
  tested: TestPatterns,
  most: number,
  onFault?: (done: number, total: number) => void,
): Promise<ConfirmedPatterns> {
  const { flat, faults, observed } = request;
  const found = faults.flatMap((_, f) => (tested.isFound(f) ? [f] : []));
  const count = Math.min(most, found.length);
  const chosen = Array.from({ length: count }, (_, k) => found[Math.floor((k * found.length) / count)]!);
  const sampler = new SheetSampler(request);
  const state = sampler.goodState(tested.patterns);
  let [confirmed, unsimulated, maxErrorVolts] = [0, 0, 0];
  for (const [k, f] of chosen.entries()) {
    const circuit = withFault(flat, faults[f]!);
    const ours = sampler.read(sampler.faultyState(f, tested.patterns, state));
    try {
      const { volts, nodes } = await simulateFlat(engine, circuit, tested.patterns.inputVolts);
      const read = ours.map((_, q) => {
        const node = nodes.indexOf(observed[q % observed.length]!);
        return volts[Math.floor(q / observed.length) * nodes.length + node]!;
      });
      for (const [q, v] of read.entries()) maxErrorVolts = Math.max(maxErrorVolts, Math.abs(v - ours[q]!));
      if (tested.isCalledBroken(f, read)) confirmed += 1;
    } catch (error) {
      if (!(error instanceof NoConvergenceError)) throw error;
      unsimulated += 1;
    }
    onFault?.(k + 1, count);
  }
  return { engine: `${engine.name} ${engine.version}`, faults: count, confirmed, unsimulated, maxErrorVolts };
}

/** How many of so many good sheets that nothing has seen before are called broken: by a reading outside of its limits. */
export function falseAlarmsOn(request: PatternRequest, { patterns, limits }: TestPatterns, copies: number): number {
  const sampler = new SheetSampler(request);
  const state = sampler.goodState(patterns);
  let outside = 0;
  for (let copy = 0; copy < copies; copy += 1)
    if (isOutside(sampler.sheet('fresh good copies', copy, patterns, state), limits)) outside += 1;
  return outside;
}
