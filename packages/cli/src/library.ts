import { loadTechnology, withoutFaults } from '@neuroprint/circuit';
import { type CompileResult, compile as compileNetwork, E_SERIES, type ESeries } from '@neuroprint/compiler';
import {
  type ColumnsInVolts,
  checkArgument,
  type Dataset,
  formatJson,
  MISSING_POLICIES,
  makeArtifact,
  type ReadingOptions,
  readDataset,
  readTargets,
  type TargetDataset,
  type TrainedNetwork,
  TrainedNetworkKind,
  type Variation,
  type VerificationReport,
  variationSchema,
} from '@neuroprint/core';
import { type EngineChoice, openEngine } from '@neuroprint/spice';
import {
  defaultPowerPrice,
  readProblem,
  resolveOptions,
  runJobs,
  SHARES,
  type TrainingOptions,
} from '@neuroprint/training';
import { readNetlistFolder, verify as verifyNetlist } from '@neuroprint/verifier';
import { z } from 'zod';
import { SURROGATES, TEMPLATES, VERSION } from '#host';
import { layoutCheck } from './layout-check.ts';

/** How a CSV file is read. */
export interface TableOptions
  extends Pick<ReadingOptions, 'missing' | 'missingValues' | 'ignore' | 'features' | 'oneHot'> {
  /** Column with the class; found by its name or its words where it is not given. */
  readonly label?: string;
  /** Regression: numeric column to predict, in place of a class. */
  readonly target?: string;
  /** Column with train, valid or test; default `split`. Where there is none, rows are split 60/20/20 by the seed. */
  readonly split?: string;
  readonly seed?: number;
}

/** A table that can be learnt; `data.notes` says how it was understood. */
export interface Table {
  readonly data: Dataset | TargetDataset;
  readonly seed: number;
}

/** How a network is trained. */
export interface TrainOptions
  extends Pick<
    TrainingOptions,
    'hidden' | 'variation' | 'draws' | 'activation' | 'share' | 'epochs' | 'patience' | 'restarts' | 'classWeights'
  > {
  /** Default: that of the table. */
  readonly seed?: number;
  /** Name of a shipped technology with surrogates; default `egt`. */
  readonly technology?: string;
  /** Folder of the surrogates; default the shipped ones. */
  readonly surrogates?: string;
  /** Features whose numbers are volts as they stand; the others are scaled by their training rows. */
  readonly inputVolts?: ColumnsInVolts;
}

/** How a network becomes a netlist. */
export interface NetlistOptions {
  /** Folder to write: netlist.cir, testbench.cir, expected.csv, bom.csv, circuit.json and manifest.json. */
  readonly out: string;
  /** Table to calibrate on, whose test rows are the cases; without it the circuit is not calibrated. */
  readonly table?: Table;
  /** Write over the files of another compile. */
  readonly overwrite?: boolean;
  readonly calibrationSteps?: number;
  /** Preferred numbers for the resistances, in place of the technology's steps. */
  readonly series?: ESeries;
}

/** What is asked of ngspice. */
export interface VerificationOptions {
  /** Printed copies to simulate beside the nominal circuit; default none. */
  readonly monteCarlo?: number;
  /** How copies differ; default as in training. */
  readonly variation?: number | Variation;
  readonly seed?: number;
  /** `embedded` is the built-in ngspice, `auto` takes the program where there is one; default auto. */
  readonly engine?: EngineChoice;
}

/** A schema for every field of a type, so that none can be forgotten. */
type Fields<T> = { readonly [K in keyof Required<T>]: z.ZodType };

const seed = z.int().min(0).optional();
const names = z.array(z.string()).optional();
const count = z.int().min(1).optional();
const variation = z.union([z.number().min(0).lt(1), variationSchema]).optional();

const tableOptions = z.strictObject({
  label: z.string().optional(),
  target: z.string().optional(),
  split: z.string().optional(),
  seed,
  missing: z.enum(MISSING_POLICIES).optional(),
  missingValues: names,
  ignore: names,
  features: names,
  oneHot: names,
} satisfies Fields<TableOptions>);
const table = z.strictObject({
  data: z.looseObject({ columns: z.array(z.instanceof(Float64Array)), split: z.instanceof(Uint8Array) }),
  seed: z.int(),
} satisfies Fields<Table>);
const trainOptions = z.strictObject({
  hidden: z.array(z.int().min(1)).optional(),
  variation,
  draws: count,
  activation: z.enum(['learned', 'fixed']).optional(),
  share: z.enum(SHARES).optional(),
  epochs: count,
  patience: count,
  restarts: count,
  classWeights: z.enum(['equal', 'balanced']).optional(),
  seed,
  technology: z.string().optional(),
  surrogates: z.string().optional(),
  inputVolts: z.union([z.literal('all'), z.array(z.string())]).optional(),
} satisfies Fields<TrainOptions>);
const netlistOptions = z.strictObject({
  out: z.string(),
  table: table.optional(),
  overwrite: z.boolean().optional(),
  calibrationSteps: count,
  series: z.enum(E_SERIES).optional(),
} satisfies Fields<NetlistOptions>);
const verificationOptions = z.strictObject({
  monteCarlo: count,
  variation,
  seed,
  engine: z.enum(['auto', 'embedded', 'ngspice']).optional(),
} satisfies Fields<VerificationOptions>);

/** Reads a CSV file whose feature columns are numbers. Throws InputFileError with the row and the column. */
export function readTable(file: string, options: TableOptions = {}): Table {
  checkArgument('readTable(file)', z.string(), file);
  checkArgument('readTable(options)', tableOptions, options);
  const { target, seed = 0 } = options;
  const data = target === undefined ? readDataset(file, options) : readTargets(file, { ...options, target });
  return { data, seed };
}

/**
 * Trains a printed network on the training rows of a table, in a thread of its own. The same seed gives the same bits.
 * Throws UsageError that names the field of an option that cannot be.
 */
export async function train(rows: Table, options: TrainOptions = {}): Promise<TrainedNetwork> {
  checkArgument('train(table)', table, rows);
  checkArgument('train(options)', trainOptions, options);
  const { technology = 'egt', surrogates = SURROGATES, seed = rows.seed, inputVolts, ...training } = options;
  const problem = readProblem({ ...rows, templates: TEMPLATES, technology, surrogates, inputVolts });
  const [result] = await runJobs(
    [
      {
        kind: 'printed',
        problem,
        options: resolveOptions({ powerPenalty: defaultPowerPrice(rows.data), ...training, seed }),
      },
    ],
    1,
  );
  return makeArtifact(TrainedNetworkKind, result!.network);
}

/** Compiles a network into a folder that can be printed and verified. The same input gives the same bytes. */
export function compile(network: TrainedNetwork, options: NetlistOptions): CompileResult {
  checkArgument('compile(network)', TrainedNetworkKind.schema, network);
  checkArgument('compile(options)', netlistOptions, options);
  const { table: rows, overwrite = false, ...others } = options;
  const { checksum: _, ...content } = network;
  return compileNetwork({
    ...others,
    network,
    // written anew, because a network that was changed in between has another checksum
    networkText: `${formatJson(makeArtifact(TrainedNetworkKind, content))}\n`,
    networkFile: 'network.json',
    technology: loadTechnology(TEMPLATES, network.technology),
    data: rows?.data,
    overwrite,
    version: VERSION,
  });
}

/** Simulates a compiled folder in ngspice and compares every node of every case with what was promised. */
export async function verify(
  folder: string,
  options: VerificationOptions = {},
): Promise<Omit<VerificationReport, 'kind' | 'version' | 'checksum'>> {
  checkArgument('verify(folder)', z.string(), folder);
  checkArgument('verify(options)', verificationOptions, options);
  const netlist = readNetlistFolder(folder);
  const { monteCarlo: draws, variation = withoutFaults(netlist.network.variation), seed = 0 } = options;
  const engine = await openEngine(options.engine ?? 'auto');
  try {
    const technology = loadTechnology(TEMPLATES, netlist.circuit.technology);
    const { report } = await verifyNetlist(netlist, technology, engine, {
      variation,
      layout: () => layoutCheck(netlist, technology),
      ...(draws === undefined ? {} : { monteCarlo: { draws, variation, seed } }),
    });
    return report;
  } finally {
    await engine.close();
  }
}
