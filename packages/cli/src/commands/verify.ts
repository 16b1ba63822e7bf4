import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import {
  formatCaseTable,
  lockFolder,
  readArtifact,
  regressionOf,
  sha256,
  TrainedNetworkKind,
  UsageError,
  type Variation,
  VerificationReportKind,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import { type Engine, type EngineChoice, openEngine } from '@neuroprint/spice';
import {
  foreignJunitXml,
  foreignTestCases,
  junitXml,
  type NetlistFolder,
  readNetlistFolder,
  readSpecification,
  SIMULATED,
  TOLERANCE_VOLTS,
  technologyOfMap,
  testCases,
  type VerifyResult,
  verify,
  verifyForeign,
} from '@neuroprint/verifier';
import type { CommandModule } from 'yargs';
import { withEngine } from '../engine.ts';
import { nonIdealityOptions, withNonIdealities } from '../non-ideality.ts';
import { engineOption, jsonOption, numberOption, seedOption, textOption } from '../options.ts';
import { Progress, printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { elsewhereLines } from '../verify-elsewhere.ts';
import { readDatasetFor } from './compile.ts';
import { given } from './train.ts';
import { copiesLines, scoreLine, stabilityLines, verificationLines } from './verification-lines.ts';

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

interface Arguments {
  netlist: string;
  data: string | undefined;
  label: string | undefined;
  monteCarlo: number | undefined;
  variation: number | undefined;
  nonIdeality: string | undefined;
  presets: string;
  seed: number | undefined;
  yieldAccuracy: number | undefined;
  yieldRmse: number | undefined;
  interval: number | undefined;
  workers: number | undefined;
  corners: boolean;
  blame: boolean;
  spec: string | undefined;
  nodeFarads: number | undefined;
  bothEngines: boolean;
  junit: string | undefined;
  map: string | undefined;
  network: string | undefined;
  expected: string | undefined;
  tolerance: number | undefined;
  toleranceRelative: number | undefined;
  strict: boolean;
  engine: EngineChoice;
  json: boolean;
}

/** A netlist that neuroprint did not write: read against the allow-list, simulated, compared with a network or a table. */
async function verifyElsewhere(argv: Arguments, map: string): Promise<void> {
  const technology = loadTechnology(TEMPLATES, technologyOfMap(map));
  const network = argv.network === undefined ? undefined : readArtifact(argv.network, TrainedNetworkKind);
  if (argv.data !== undefined && network === undefined)
    throw new UsageError('--data needs --network, which says what its columns mean.');
  const { nonIdeality, monteCarlo, spec, label, seed = 0, yieldAccuracy, interval, workers } = argv;
  const specification = spec === undefined ? undefined : readSpecification(spec);
  const asked =
    nonIdeality === undefined ? argv.variation : withNonIdealities(argv.variation ?? 0, nonIdeality, argv.presets);
  const variation = asked ?? network?.variation;
  if (monteCarlo !== undefined && variation === undefined)
    throw new UsageError('--monte-carlo needs --variation, or the --network that was trained under one.');
  const progress = new Progress('verify');
  const report = await withEngine(argv.engine, async (engine) => {
    const second = argv.bothEngines ? await openEngine(engine.name === 'ngspice' ? 'embedded' : 'ngspice') : undefined;
    try {
      return await verifyForeign(
        {
          netlist: argv.netlist,
          map,
          technology,
          network,
          data: network && argv.data !== undefined ? readDatasetFor(network, argv.data, label) : undefined,
          expected: argv.expected,
          label,
          tolerance: { absolute: argv.tolerance, relative: argv.toleranceRelative },
          strict: argv.strict,
          corners: argv.corners,
          blame: argv.blame,
          specification,
          second,
          variation,
          monteCarlo:
            monteCarlo === undefined || variation === undefined
              ? undefined
              : {
                  draws: monteCarlo,
                  variation,
                  seed,
                  ...given({ yieldAccuracy: yieldAccuracy ?? specification?.yieldAccuracy, interval, workers }),
                },
          onProgress: (what, done, total) => progress.update(done, total, what),
        },
        engine,
      );
    } finally {
      progress.done();
      await second?.close();
    }
  });
  if (argv.junit !== undefined) writeFileAtomic(argv.junit, foreignJunitXml(report));
  printResult(
    argv.json,
    report,
    elsewhereLines(report, [
      ...(report.regression === undefined ? [] : [scoreLine(report.regression)]),
      ...stabilityLines(report.stability),
      ...copiesLines(report),
    ]),
  );
  const failures = foreignTestCases(report).filter(({ failure }) => failure !== undefined);
  for (const { name, failure } of failures) process.stderr.write(`failed: ${name}: ${failure}\n`);
  if (failures.length > 0) process.exitCode = 3;
}

/** `neuroprint verify`: does the circuit do what the network promised? */
export const verifyCommand: CommandModule<object, Arguments> = {
  command: 'verify',
  describe: 'Simulate a netlist on every case in ngspice and compare every node with what was promised',
  builder: (yargs) =>
    yargs
      .options({
        netlist: { ...textOption('netlist', 'Folder that compile wrote, or a netlist in it'), demandOption: true },
        data: textOption('data', 'Verify on the test rows of this table instead of expected.csv'),
        label: textOption('label', 'Column with the class or target; as in training unless given'),
        'monte-carlo': numberOption('monte-carlo', { min: 1, max: 1e6, describe: 'Printed copies to simulate' }, true),
        variation: numberOption(
          'variation',
          { min: 0, max: 0.99, describe: 'Every component varies by this share; as in training unless given' },
          false,
        ),
        ...nonIdealityOptions,
        seed: seedOption(0),
        'yield-accuracy': numberOption(
          'yield-accuracy',
          { min: 0, max: 1, describe: 'A copy is good from this accuracy on; 0.05 below the nominal one unless given' },
          false,
        ),
        'yield-rmse': numberOption(
          'yield-rmse',
          {
            min: 1e-300,
            describe:
              'Regression: a copy is good up to this error, in units of the target; 1.2 times the nominal one unless given',
          },
          false,
        ),
        interval: numberOption(
          'interval',
          { min: 1e-6, max: 1, describe: 'Stop when the 95 % interval of the yield is no wider than this' },
          false,
        ),
        workers: numberOption(
          'workers',
          { min: 1, max: 256, describe: 'Threads of the exact solver; one per core unless given' },
          true,
        ),
        corners: {
          type: 'boolean',
          default: false,
          describe: 'Accuracy against supply, drift, threshold and source resistance',
        },
        blame: {
          type: 'boolean',
          default: false,
          describe: 'Which component moves which decision, and the worst corner',
        },
        'node-farads': numberOption(
          'node-farads',
          {
            min: 1e-18,
            max: 1,
            describe: "Capacitance of every node, for stability and settling; the technology's unless given",
          },
          false,
        ),
        'both-engines': {
          type: 'boolean',
          default: false,
          describe: 'Simulate the rows with the other ngspice too, and compare',
        },
        spec: textOption('spec', 'YAML file with limits; below them the exit code is 3'),
        junit: textOption('junit', 'Write the checks as JUnit XML to this file'),
        map: textOption('map', 'The netlist is from elsewhere: map.json says what drives and reads it'),
        network: textOption('network', 'With --map: the network whose decisions it should make'),
        expected: textOption(
          'expected',
          'With --map: a table of input volts, and of expected volts, currents i(…) and labels',
        ),
        tolerance: numberOption(
          'tolerance',
          { min: 0, describe: 'With --expected: what a voltage or current may be off, in V or A' },
          false,
        ),
        'tolerance-relative': numberOption(
          'tolerance-relative',
          { min: 0, max: 1, describe: 'With --expected: the same as a share of what is expected' },
          false,
        ),
        strict: {
          type: 'boolean',
          default: false,
          describe: 'With --map: refuse what would be left out of the netlist',
        },
        engine: engineOption,
        json: jsonOption,
      })
      .example(
        '$0 verify --netlist netlists-out/iris --monte-carlo 100',
        'Compare every node, and 100 printed copies',
      ) as never,
  handler: async (argv) => {
    if (argv.map !== undefined) return verifyElsewhere(argv, argv.map);
    for (const name of ['network', 'expected', 'tolerance', 'toleranceRelative', 'strict'] as const)
      if (argv[name] !== undefined && argv[name] !== false)
        throw new UsageError(`--${name.replace('R', '-r')} is for netlists from elsewhere.`, 'Add --map.');
    const { report } = await withEngine(argv.engine, (engine) =>
      runVerify(
        {
          ...argv,
          nonIdeality:
            argv.nonIdeality === undefined
              ? undefined
              : withNonIdealities(argv.variation ?? 0, argv.nonIdeality, argv.presets),
        },
        engine,
      ),
    );
    if (argv.junit !== undefined) writeFileAtomic(argv.junit, junitXml(report));
    printResult(argv.json, report, verificationLines(report));
    const failures = testCases(report).filter(({ failure }) => failure !== undefined);
    for (const { name, failure } of failures) process.stderr.write(`failed: ${name}: ${failure}\n`);
    if (failures.length === 0) return;
    if (report.maxErrorVolts > TOLERANCE_VOLTS)
      process.stderr.write(
        `The voltages differ by more than ${TOLERANCE_VOLTS} V: the circuit is not what was promised. Run lvs to see what was changed.\n`,
      );
    process.exitCode = 3;
  },
};
