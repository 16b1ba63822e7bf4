import { formatPercent, UsageError } from '@neuroprint/core';
import { judged } from '../as-promised.ts';
import { defineCommand } from '../command.ts';
import { withEngine } from '../engine.ts';
import { jobFolderOption } from '../job-folder.ts';
import { jobOptions, partsOutcome, slurmOf } from '../job-options.ts';
import { engineOption, given, number, numbers, parsed, required, seedOption, text, whole } from '../options.ts';
import { type FaultToleranceResult, runFaultTolerance } from '../run-fault-tolerance.ts';

/** Parts that are named on the terminal; the page and --json have all. */
const SHOWN = 8;

function ratesOf(list: string, name: string): readonly number[] {
  if (list === 'none') return [];
  const rates = numbers({ min: 0, max: 1 })(list, name);
  if (new Set(rates).size !== rates.length) throw new UsageError(`--${name} names a rate twice.`);
  return rates.sort((a, b) => a - b);
}

/** `neuroprint fault-tolerance`: which part must not fail, and what is left where parts do. */
export const faultToleranceCommand = defineCommand({
  options: {
    netlist: required(text('Folder that compile wrote with --data')),
    rates: parsed(
      text(
        'Probabilities that a part of a copy is broken, apart by commas; none: single faults only',
        '0,0.01,0.02,0.05,0.1',
      ),
      ratesOf,
    ),
    copies: whole('Printed copies of every rate', { min: 1, max: 1e6, default: 200 }),
    variation: number('Every component of a copy varies by this share; as in training unless given', {
      min: 0,
      max: 0.99,
    }),
    'yield-accuracy': number('A copy is good from this accuracy on; 0.05 below the circuit’s unless given', {
      min: 0,
      max: 1,
    }),
    simulated: whole('Faults, and copies of every rate, that ngspice simulates too', { min: 0, max: 1e5, default: 10 }),
    workers: whole('Threads of the exact solver; one per core unless given', { min: 1, max: 256 }),
    out: jobFolderOption,
    ...jobOptions('parts'),
    seed: seedOption,
    engine: engineOption,
  },
  examples: [['$0 fault-tolerance --netlist netlists-out/iris', 'Every single fault, and copies with broken parts']],
  run: async ({ engine, ...request }) => {
    const slurm = slurmOf(request);
    const came = await withEngine(engine, (open) => runFaultTolerance({ ...request, ...given({ slurm }) }, open));
    if (came.judged === undefined) return partsOutcome(came);
    const { result, html } = came.judged;
    const { made, found, failures } = came;
    return judged({ ...result, html, made, found, failures }, lines(result, html), []);
  },
});

function lines(result: FaultToleranceResult, html: string): string[] {
  const { faults, accuracy, leastAccuracy, meanAccuracy, rows, rates, ngspice } = result;
  const harmless = faults.filter((fault) => fault.accuracy >= accuracy).length;
  const unsimulated = rates.reduce((sum, one) => sum + one.unsimulatedCopies, ngspice.unsimulatedFaults);
  return [
    `faults     ${faults.length} single faults on ${rows} rows; ${harmless} cost nothing`,
    `accuracy   ${formatPercent(accuracy)} without a fault, ${formatPercent(meanAccuracy)} on average, ${formatPercent(leastAccuracy)} under the worst`,
    ...worstParts(faults).map(
      ({ name, accuracy: left }, k) => `${k === 0 ? 'worst' : '     '}      ${name}: ${formatPercent(left)}`,
    ),
    ...rates.map(
      (one) =>
        `${formatPercent(one.rate).padStart(8)} broken: accuracy ${formatPercent(one.meanAccuracy)} ± ${formatPercent(one.stdAccuracy)}, yield ${formatPercent(one.yield)} (${formatPercent(one.yieldInterval[0])} to ${formatPercent(one.yieldInterval[1])}) of ${one.copies} copies`,
    ),
    `ngspice    ${ngspice.faults - ngspice.unsimulatedFaults} faults and ${ngspice.copies} copies: every node within ${ngspice.maxErrorVolts.toExponential(1)} V of the exact solver, ${ngspice.decisionsDiffering} decisions differ`,
    ...(unsimulated === 0
      ? []
      : [`           ${unsimulated} faults and copies are not in this: ngspice found no operating point for them`]),
    `written    ${html}`,
  ];
}

/** The worst fault of each part, worst first. */
function worstParts(faults: FaultToleranceResult['faults']) {
  const seen = new Set<string>();
  return faults
    .filter(({ components, nodes }) => {
      const part = components[0] ?? nodes.join(' ');
      if (seen.has(part)) return false;
      seen.add(part);
      return true;
    })
    .slice(0, SHOWN);
}
