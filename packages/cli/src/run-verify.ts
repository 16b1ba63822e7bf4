import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import {
  formatCaseTable,
  lockFolder,
  regressionOf,
  sha256,
  UsageError,
  type Variation,
  VerificationReportKind,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import {
  type NetlistFolder,
  readNetlistFolder,
  readSpecification,
  SIMULATED,
  type VerifyResult,
  verify,
} from '@neuroprint/verifier';
import { given } from './options.ts';
import { Progress } from './output.ts';
import { TEMPLATES } from './paths.ts';
import { readDatasetFor } from './run-compile.ts';

export interface VerifyRequest {
  readonly netlist: string;
  readonly data?: string | undefined;
  readonly label?: string | undefined;
  readonly monteCarlo?: number | undefined;
  readonly variation?: number | undefined;
  /** How copies differ, where more than a spread is asked for. */
  readonly nonIdeality?: Variation | undefined;
  readonly seed?: number | undefined;
  readonly yieldAccuracy?: number | undefined;
  readonly yieldRmse?: number | undefined;
  readonly interval?: number | undefined;
  readonly workers?: number | undefined;
  readonly corners?: boolean | undefined;
  readonly blame?: boolean | undefined;
  readonly spec?: string | undefined;
  /** Capacitance of every node, for stability and settling. */
  readonly nodeFarads?: number | undefined;
  /** Simulate with the other engine too. */
  readonly bothEngines?: boolean | undefined;
}

/** Verifies a netlist folder, and writes report.json and simulated.csv into it. */
export async function runVerify(
  request: VerifyRequest,
  engine: Engine,
): Promise<VerifyResult & { readonly netlist: NetlistFolder }> {
  const netlist = readNetlistFolder(request.netlist);
  const isRegression = regressionOf(netlist.circuit) !== undefined;
  if (isRegression && request.yieldAccuracy !== undefined)
    throw new UsageError(
      '--yield-accuracy is for classifiers, and this circuit predicts a target.',
      'Use --yield-rmse.',
    );
  if (!isRegression && request.yieldRmse !== undefined)
    throw new UsageError('--yield-rmse is for regression, and this circuit decides.', 'Use --yield-accuracy.');
  const technology = loadTechnology(TEMPLATES, netlist.circuit.technology);
  const data = request.data === undefined ? undefined : readDatasetFor(netlist.network, request.data, request.label);
  const specification = request.spec === undefined ? undefined : readSpecification(request.spec);
  const second =
    request.bothEngines === true ? await openEngine(engine.name === 'ngspice' ? 'embedded' : 'ngspice') : undefined;
  const unlock = lockFolder(netlist.folder);
  const progress = new Progress(`verify ${netlist.circuit.name}`);
  try {
    const result = await verify(netlist, technology, engine, {
      ...given({
        data,
        specification,
        second,
        corners: request.corners,
        blame: request.blame,
        nodeFarads: request.nodeFarads,
        variation: request.nonIdeality ?? request.variation,
        monteCarlo:
          request.monteCarlo === undefined
            ? undefined
            : {
                draws: request.monteCarlo,
                variation: request.nonIdeality ?? request.variation ?? netlist.network.variation,
                seed: request.seed ?? 0,
                ...given({
                  yieldAccuracy: request.yieldAccuracy ?? specification?.yieldAccuracy,
                  yieldRmse: request.yieldRmse ?? specification?.yieldRmse,
                  interval: request.interval,
                  workers: request.workers,
                }),
              },
      }),
      onProgress: (what, done, total) => progress.update(done, total, what),
    });
    const simulated = formatCaseTable(result.simulated, netlist.circuit);
    const inputHashes = { ...result.report.inputHashes, [SIMULATED]: sha256(simulated) };
    // the report last: it says which voltages it is of
    writeFileAtomic(join(netlist.folder, SIMULATED), simulated);
    writeArtifact(join(netlist.folder, 'report.json'), VerificationReportKind, { ...result.report, inputHashes });
    return { ...result, netlist };
  } finally {
    progress.done();
    await second?.close();
    unlock();
  }
}
