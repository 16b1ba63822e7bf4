import { join } from 'node:path';
import { flatten, loadTechnology, type Technology, variationOf, withoutFaults } from '@neuroprint/circuit';
import {
  type ArtifactContent,
  availableCores,
  describeVariation,
  FaultToleranceKind,
  formatPercent,
  parseCaseTable,
  readTextFile,
  regressionOf,
  sha256,
  sha256OfFile,
  UsageError,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import {
  confirmFaults,
  type FaultAccuracy,
  faultsOf,
  faultsToConfirm,
  type ToleranceTask,
  worstByDevice,
  worstFirst,
} from '@neuroprint/diagnosis';
import type { JobPlace, Shard } from '@neuroprint/jobs';
import { type Layout, layoutSvg } from '@neuroprint/layout';
import { renderFaultTolerance, schematicSvg } from '@neuroprint/report';
import { type Engine, parseNetlist } from '@neuroprint/spice';
import { copyTaskOf, extractCircuit, monteCarlo, type NetlistFolder, readNetlistFolder } from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { FAULT_TOLERANCE } from './fault-facts.ts';
import { withJobFolder } from './job-folder.ts';
import { layoutOf, neighboursIn } from './layout-neighbours.ts';
import { given } from './options.ts';
import { withProgress } from './output.ts';
import { terminal } from './terminal.ts';
import { judgeTolerance, type ToleranceMade } from './tolerance-jobs.ts';

export interface FaultToleranceRequest {
  readonly netlist: string;
  /** Probabilities that a part of a copy is broken. */
  readonly rates: readonly number[];
  /** Copies of each. */
  readonly copies: number;
  /** How copies differ beside their faults; default: as in training. */
  readonly variation?: number;
  readonly seed: number;
  /** Faults that ngspice simulates too, and copies of every rate. */
  readonly simulated: number;
  readonly yieldAccuracy?: number;
  /** Folder for the jobs, which is kept; one that is removed at the end unless given. */
  readonly out?: string;
  readonly workers?: number;
  readonly shard?: Shard;
  readonly merge?: readonly string[];
  readonly slurm?: JobPlace['slurm'];
}

export type FaultToleranceResult = ArtifactContent<typeof FaultToleranceKind>;

/** What was judged; of a shard, or where jobs failed, there is no result. */
interface FaultToleranceMade extends Pick<ToleranceMade, 'made' | 'found' | 'failures'> {
  readonly judged?: { readonly result: FaultToleranceResult; readonly html: string };
  /** Of the jobs. */
  readonly folder: string;
}

/**
 * Judges a compiled circuit under every single fault and under fault rates, as jobs; ngspice confirms some of it once they are done.
 * Writes fault-tolerance.json and .html into the circuit's folder.
 */
export async function runFaultTolerance(request: FaultToleranceRequest, engine: Engine): Promise<FaultToleranceMade> {
  const netlist = readNetlistFolder(request.netlist);
  const { folder, circuit, network, netlistFile, netlistText } = netlist;
  if (regressionOf(circuit) !== undefined)
    throw new UsageError(
      `${circuit.name} predicts a target, and fault-tolerance counts decisions.`,
      'Its error under a variation is in verify --monte-carlo.',
    );
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  const expectedFile = join(folder, 'expected.csv');
  const cases = parseCaseTable(expectedFile, readTextFile(expectedFile), circuit);
  const { labels } = cases;
  if (labels === undefined)
    throw new UsageError(
      `The cases of ${expectedFile} have no labels, so that no decision can be right or wrong.`,
      'Compile with --data.',
    );
  const printed = extractCircuit(parseNetlist(netlistText, netlistFile), circuit, technology);
  const flat = flatten(printed, technology);
  if (flat.opamps.length > 0 && request.rates.length > 0)
    throw new UsageError(
      `${circuit.name} has op-amps, whose faults are not known, so that a rate of broken parts would leave out the most of them.`,
      'Leave the rates out (--rates none): single faults of its resistors are judged all the same.',
    );
  const layout = layoutOf(netlist, technology);
  const task: ToleranceTask = {
    flat,
    outputs: circuit.outputs,
    inputVolts: cases.inputVolts,
    labels: Int32Array.from(labels),
  };
  const base = variationOf(request.variation ?? network.variation);
  const variation = withoutFaults(base);
  const { rates, copies, seed, simulated, workers, yieldAccuracy } = request;
  const neighbours = layout && neighboursIn(layout, flat);
  const faults = faultsOf(flat, given({ neighbours }));
  const ofRate = (rate: number) => ({ variation: { ...variation, faultRate: rate }, seed });
  const list = {
    ...{ task, faults, draws: copies },
    rates: rates.map((rate) => ({ rate, copies: copyTaskOf(printed, technology, cases, ofRate(rate)) })),
  };
  return withJobFolder(folder, 'fault-tolerance.jobs', request, ({ folder: jobs, writing }) =>
    withProgress(`faults of ${circuit.name}`, async (show) => {
      const place = { ...request, folder: jobs, workers: workers ?? availableCores(), signal: terminal().signal };
      const came = await judgeTolerance(list, `faults of ${circuit.name}`, { ...place, onProgress: show });
      const { made, found, failures } = came;
      const counts = { made, found, failures, folder: jobs };
      if (request.shard !== undefined || failures.length > 0) return counts;
      const single = worstFirst(faults, came.single);
      const chosen = faultsToConfirm(single.faults, simulated, seed);
      const confirmed = await confirmFaults(engine, task, chosen, (done, total) => show(done, total, 'in ngspice'));
      const judged: Awaited<ReturnType<typeof monteCarlo>>[] = [];
      for (const [k, rate] of rates.entries())
        judged.push(
          await monteCarlo(
            engine,
            printed,
            technology,
            cases,
            {
              draws: copies,
              ...ofRate(rate),
              simulatedDraws: Math.min(copies, simulated),
              judge: async () => came.copies[k]!,
              ...given({ yieldAccuracy }),
            },
            (what, done, total) => show(done, total, `${formatPercent(rate)} broken, ${what}`),
          ),
        );
      const result: FaultToleranceResult = {
        inputHashes: { 'circuit.json': sha256OfFile(join(folder, 'circuit.json')), 'netlist.cir': sha256(netlistText) },
        name: circuit.name,
        technology: technology.name,
        rows: cases.rows,
        accuracy: single.accuracy,
        faults: single.faults.map(({ fault: { name, kind, components, nodes }, accuracy, unsolvedRows }) => ({
          ...{ name, kind, components: [...components], nodes: [...nodes] },
          accuracy,
          unsolvedRows,
        })),
        leastAccuracy: single.faults[0]?.accuracy ?? single.accuracy,
        meanAccuracy: meanOf(single.faults),
        ...(judged[0] === undefined ? {} : { yieldAccuracy: judged[0].yieldAccuracy }),
        law: describeVariation(variation),
        seed,
        rates: judged.map((one, k) => ({
          rate: rates[k]!,
          copies: one.draws,
          meanAccuracy: one.meanAccuracy,
          stdAccuracy: one.stdAccuracy,
          yield: one.yield,
          yieldInterval: [one.yieldInterval[0], one.yieldInterval[1]],
          simulatedCopies: one.simulatedDraws,
          unsimulatedCopies: one.unsimulatedDraws ?? 0,
        })),
        ngspice: {
          engine: `${engine.name} ${engine.version}`,
          faults: confirmed.faults,
          unsimulatedFaults: confirmed.unsimulatedFaults,
          copies: judged.reduce((sum, { simulatedDraws }) => sum + simulatedDraws, 0),
          maxErrorVolts: Math.max(confirmed.maxErrorVolts, ...judged.map(({ maxErrorVolts }) => maxErrorVolts)),
          decisionsDiffering: judged.reduce(
            (sum, { decisionsDiffering }) => sum + decisionsDiffering,
            confirmed.decisionsDiffering,
          ),
        },
      };
      const drawn = drawings(netlist, technology, layout, single.accuracy, single.faults);
      const page = await renderFaultTolerance({ tolerance: result, ...drawn });
      const html = join(folder, 'fault-tolerance.html');
      await writing(async () => {
        writeFileAtomic(html, page.html);
        writeArtifact(join(folder, FAULT_TOLERANCE), FaultToleranceKind, result);
      });
      return { judged: { result, html }, ...counts };
    }),
  );
}

function meanOf(faults: readonly FaultAccuracy[]): number {
  return faults.reduce((sum, { accuracy }) => sum + accuracy, 0) / Math.max(1, faults.length);
}

/** Schematic and layout, every part shaded by what its worst fault costs. */
function drawings(
  { circuit, network }: NetlistFolder,
  technology: Technology,
  layout: Layout | undefined,
  accuracy: number,
  faults: readonly FaultAccuracy[],
) {
  const worst = worstByDevice(faults);
  const costOf = (one: FaultAccuracy): number => Math.max(0, accuracy - one.accuracy);
  const largest = Math.max(1e-9, ...[...worst.values()].map(costOf));
  const shares = new Map([...worst].map(([name, one]) => [name, costOf(one)]));
  const heat = {
    shares,
    legend: 'must not fail',
    note: `Shaded by what the worst single fault of a part costs, at most ${formatPercent(largest)} of the decisions.`,
    about: (share: number) => `its worst fault costs ${formatPercent(share)} of the decisions`,
  };
  const marks = new Map(
    [...worst].flatMap(([name, one]) => {
      const cost = costOf(one);
      if (cost === 0) return [];
      const t = Math.sqrt(cost / largest);
      const mix = (to: number): number => Math.round(255 + t * (to - 255));
      const colour = `rgb(${mix(0xd5)},${mix(0x5e)},${mix(0)})`;
      return [[name, { colour, title: `${one.fault.name}: ${formatPercent(one.accuracy)} right` }] as const];
    }),
  );
  return {
    schematic: schematicSvg({ circuit, network, technology, heat }),
    ...(layout === undefined ? {} : { layout: layoutSvg(layout, { marks }) }),
  };
}
