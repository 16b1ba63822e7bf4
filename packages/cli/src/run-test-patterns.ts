import { join } from 'node:path';
import {
  flatten,
  hasMeasuredTransistors,
  hasSeries,
  loadTechnology,
  type Technology,
  variationOf,
} from '@neuroprint/circuit';
import {
  type ArtifactContent,
  availableCores,
  describeVariation,
  parseCaseTable,
  readTextFile,
  sha256,
  sha256OfFile,
  type TestPatternsFile,
  TestPatternsKind,
  type Variation,
  type VoltRange,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import { confirmPatterns, faultsOf, type PatternRequest } from '@neuroprint/diagnosis';
import type { JobPlace, Shard } from '@neuroprint/jobs';
import { benchSheet } from '@neuroprint/report';
import { type Engine, parseNetlist } from '@neuroprint/spice';
import { extractCircuit, readNetlistFolder } from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { TEST_PATTERNS } from './fault-facts.ts';
import { withJobFolder } from './job-folder.ts';
import { layoutOf, neighboursIn } from './layout-neighbours.ts';
import { given } from './options.ts';
import { withProgress } from './output.ts';
import { findPatterns, type PatternsMade } from './pattern-jobs.ts';
import { terminal } from './terminal.ts';

export interface TestPatternsRequest {
  readonly netlist: string;
  /** How good copies differ; default: as in training. What breaks parts is left out of it. */
  readonly variation?: number | Variation;
  readonly meterVolts: number;
  readonly innerNodes: boolean;
  readonly mostPatterns: number;
  readonly inputVolts?: VoltRange;
  readonly falseAlarms: number;
  readonly foundShare: number;
  readonly goodCopies: number;
  readonly faultyCopies: number;
  readonly fittedCopies: number;
  /** Faults that were found and are simulated in ngspice too. */
  readonly confirm: number;
  readonly seed: number;
  /** Folder for the jobs, which is kept; one that is removed at the end unless given. */
  readonly out?: string;
  readonly workers?: number;
  readonly shard?: Shard;
  readonly merge?: readonly string[];
  readonly slurm?: JobPlace['slurm'];
}

export type TestPatternsResult = ArtifactContent<typeof TestPatternsKind>;

/** What a good copy is: parts that are stuck or broken make it a bad one. */
function goodVariation(variation: number | Variation): Variation {
  const { stuckOpen: _open, stuckShort: _short, faultRate: _rate, ...good } = variationOf(variation);
  return good;
}

/** Input volts that a sheet may be given: the technology's, unless others are asked for. */
function rangeOf({ inputVolts }: Technology, asked: VoltRange | undefined): VoltRange {
  return asked ?? inputVolts;
}

/** What was found; of a shard, or where jobs failed, there is no result. */
interface TestPatternsMade extends Omit<PatternsMade, 'tested'> {
  readonly judged?: { readonly result: TestPatternsResult; readonly files: readonly string[] };
  /** Of the jobs. */
  readonly folder: string;
}

/** Chooses test patterns for a compiled circuit, as jobs; writes test-patterns.json and the bench test sheet into its folder. */
export async function runTestPatterns(
  request: TestPatternsRequest,
  openEngine: <T>(work: (engine: Engine) => Promise<T>) => Promise<T>,
): Promise<TestPatternsMade> {
  const netlist = readNetlistFolder(request.netlist);
  const { folder, circuit, network, netlistFile, netlistText } = netlist;
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  const expectedFile = join(folder, 'expected.csv');
  const cases = parseCaseTable(expectedFile, readTextFile(expectedFile), circuit);
  const printed = extractCircuit(parseNetlist(netlistText, netlistFile), circuit, technology);
  const variation = goodVariation(request.variation ?? network.variation);
  const flat = flatten(printed, technology, {
    series: hasSeries(variation),
    spread: hasMeasuredTransistors(variation),
  });
  const layout = layoutOf(netlist, technology);
  const neighbours = layout && neighboursIn(layout, flat);
  const stages = circuit.devices.flatMap((device) => (device.kind === 'stage' ? [device] : []));
  const observed = request.innerNodes
    ? [...new Set([...circuit.outputs, ...stages.map(({ output }) => output)])]
    : circuit.outputs;
  const faults = faultsOf(flat, given({ neighbours }));
  const { meterVolts, seed, mostPatterns, falseAlarms, foundShare, goodCopies, faultyCopies, fittedCopies } = request;
  const task: PatternRequest = {
    ...{ flat, faults, observed, variation, stages, meterVolts, seed, mostPatterns, falseAlarms, foundShare },
    ...{ goodCopies, faultyCopies, fittedCopies },
    range: rangeOf(technology, request.inputVolts),
    table: cases.inputVolts,
  };
  return withJobFolder(folder, 'test-patterns.jobs', request, ({ folder: jobs, writing }) =>
    withProgress(`test patterns of ${circuit.name}`, async (show) => {
      const workers = request.workers ?? availableCores();
      const place = { ...request, folder: jobs, workers, signal: terminal().signal, onProgress: show };
      const { tested: found, ...counts } = await findPatterns(task, `test patterns of ${circuit.name}`, place);
      if (found === undefined) return { ...counts, folder: jobs };
      const confirmed =
        request.confirm === 0
          ? undefined
          : await openEngine((engine) =>
              confirmPatterns(engine, task, found, request.confirm, (done, total) => show(done, total, 'in ngspice')),
            );
      const result: TestPatternsResult = {
        inputHashes: { 'circuit.json': sha256OfFile(join(folder, 'circuit.json')), 'netlist.cir': sha256(netlistText) },
        name: circuit.name,
        technology: technology.name,
        inputs: circuit.inputs,
        observed: [...observed],
        innerNodes: request.innerNodes,
        neighbours: layout === undefined ? 'rows and columns' : 'layout',
        meterVolts: request.meterVolts,
        law: describeVariation(variation),
        seed: request.seed,
        foundShare: request.foundShare,
        ...found.summary,
        ...given({ ngspice: confirmed }),
      };
      const sheet = benchSheet({ circuit, network, technology, expected: cases }, result as TestPatternsFile);
      await writing(async () => {
        for (const [name, text] of Object.entries(sheet)) writeFileAtomic(join(folder, name), text);
        writeArtifact(join(folder, TEST_PATTERNS), TestPatternsKind, result);
      });
      const files = [TEST_PATTERNS, ...Object.keys(sheet)].map((name) => join(folder, name));
      return { judged: { result, files }, ...counts, folder: jobs };
    }),
  );
}
