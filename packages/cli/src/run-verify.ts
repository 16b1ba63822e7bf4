import { join } from 'node:path';
import { loadTechnology, withoutFaults } from '@neuroprint/circuit';
import {
  formatCaseTable,
  inLockedFolder,
  regressionOf,
  sha256,
  UsageError,
  type Variation,
  VerificationReportKind,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import type { Engine } from '@neuroprint/spice';
import {
  type MonteCarloOptions,
  type NetlistFolder,
  readNetlistFolder,
  readSpecification,
  SIMULATED,
  type VerifyOptions,
  type VerifyResult,
  verify,
} from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { faultFacts } from './fault-facts.ts';
import { layoutCheck } from './layout-check.ts';
import { spreadOptions, withSpread } from './measured-spread.ts';
import { nonIdealityOptions } from './non-ideality.ts';
import { given, number, seedOption } from './options.ts';
import { withProgress } from './output.ts';
import { type Reading, readDatasetFor } from './table-options.ts';

/** Copies that are judged at each age, where --monte-carlo does not say how many. */
const AGED_COPIES = 100;

/** What is asked of a circuit beside its voltages, whoever wrote the netlist. */
interface Checks
  extends Pick<VerifyOptions, 'corners' | 'blame' | 'variation'>,
    Partial<Pick<MonteCarloOptions, 'seed' | 'yieldAccuracy' | 'yieldRmse' | 'interval' | 'workers'>> {
  /** Printed copies. */
  readonly monteCarlo?: number;
  /** `measured`: transistors by their measured covariance. */
  readonly spread?: 'measured';
  /** File of limits. */
  readonly spec?: string;
}

export interface VerifyRequest extends Checks, Pick<VerifyOptions, 'nodeFarads' | 'second'> {
  readonly netlist: string;
  readonly data?: string;
  readonly reading?: Reading;
  /** Days after which printed copies are judged. */
  readonly age?: readonly number[];
  /** Degrees Celsius between which the circuit is looked at. */
  readonly temperature?: readonly [number, number];
}

/** How printed copies vary, and when one is good: options of every command that judges copies. */
export const copyOptions = {
  variation: number('Every component varies by this share; as in training unless given', { min: 0, max: 0.99 }),
  ...spreadOptions,
  ...nonIdealityOptions,
  seed: seedOption,
  'yield-accuracy': number('A copy is good from this accuracy on; 0.05 below the network’s unless given', {
    min: 0,
    max: 1,
  }),
  'yield-rmse': number(
    'Regression: a copy is good up to this error, in units of the target; 1.5 times the network’s unless given',
    { min: 1e-300 },
  ),
};

/** The options of a verification; copies vary as is asked, or as the network was trained. Throws UsageError where neither is known. */
export function checksOf(
  { corners, blame, monteCarlo: draws, spec, seed = 0, spread, interval, workers, ...request }: Checks,
  trained: Variation | undefined,
): Pick<VerifyOptions, 'corners' | 'blame' | 'specification' | 'variation' | 'monteCarlo'> {
  const specification = spec === undefined ? undefined : readSpecification(spec);
  const asked = request.variation ?? trained;
  const variation = asked === undefined ? undefined : withSpread(asked, spread);
  if (draws !== undefined && variation === undefined)
    throw new UsageError('--monte-carlo needs --variation, or the --network that was trained under one.');
  const limits = {
    yieldAccuracy: request.yieldAccuracy ?? specification?.yieldAccuracy,
    yieldRmse: request.yieldRmse ?? specification?.yieldRmse,
  };
  const monteCarlo =
    draws === undefined || variation === undefined
      ? undefined
      : { draws, variation, seed, ...given({ ...limits, interval, workers }) };
  return given({ corners, blame, specification, variation, monteCarlo });
}

/** Verifies a netlist folder, and writes report.json and simulated.csv into it. */
export async function runVerify(
  request: VerifyRequest,
  engine: Engine,
): Promise<VerifyResult & { readonly netlist: NetlistFolder }> {
  const netlist = readNetlistFolder(request.netlist);
  const { folder, circuit, network } = netlist;
  const isRegression = regressionOf(circuit) !== undefined;
  if (isRegression && request.yieldAccuracy !== undefined)
    throw new UsageError(
      '--yield-accuracy is for classifiers, and this circuit predicts a target.',
      'Use --yield-rmse.',
    );
  if (!isRegression && request.yieldRmse !== undefined)
    throw new UsageError('--yield-rmse is for regression, and this circuit decides.', 'Use --yield-accuracy.');
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  const data = request.data === undefined ? undefined : readDatasetFor(network, request.data, request.reading);
  const {
    nodeFarads,
    second,
    age: days,
    temperature: celsius,
    monteCarlo: draws = AGED_COPIES,
    seed = 0,
    workers,
  } = request;
  const checks = checksOf(request, withoutFaults(network.variation));
  const { yieldAccuracy = checks.specification?.yieldAccuracy } = request;
  const age = days && { days, copies: { draws, seed, ...given({ workers, yieldAccuracy }) } };
  const options = { ...checks, ...given({ data, nodeFarads, second, age, celsius }) };
  return inLockedFolder(folder, async () => {
    const result = await withProgress(`verify ${circuit.name}`, (show) =>
      verify(netlist, technology, engine, {
        ...options,
        faults: faultFacts(netlist),
        layout: () => layoutCheck(netlist, technology),
        onProgress: (what, done, total) => show(done, total, what),
      }),
    );
    const simulated = formatCaseTable(result.simulated, circuit);
    const inputHashes = { ...result.report.inputHashes, [SIMULATED]: sha256(simulated) };
    // the report last: it says which voltages it is of
    writeFileAtomic(join(folder, SIMULATED), simulated);
    writeArtifact(join(folder, 'report.json'), VerificationReportKind, { ...result.report, inputHashes });
    return { ...result, netlist };
  });
}
