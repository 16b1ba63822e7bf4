import { loadTechnology } from '@neuroprint/circuit';
import { readArtifact, TrainedNetworkKind, UsageError, writeFileAtomic } from '@neuroprint/core';
import { openEngine } from '@neuroprint/spice';
import {
  foreignJunitXml,
  foreignTestCases,
  junitXml,
  readSpecification,
  TOLERANCE_VOLTS,
  technologyOfMap,
  testCases,
  verifyForeign,
} from '@neuroprint/verifier';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { withEngine } from '../engine.ts';
import { nonIdealityOptions, withNonIdealities } from '../non-ideality.ts';
import { engineOption, given, numberOption, seedOption, textOption } from '../options.ts';
import { Progress } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { readDatasetFor } from '../run-compile.ts';
import { runVerify } from '../run-verify.ts';
import { copiesLines, scoreLine, stabilityLines, verificationLines } from '../verification-lines.ts';
import { elsewhereLines } from '../verify-elsewhere.ts';

const options = {
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
  seed: seedOption,
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
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** A netlist that neuroprint did not write: read against the allow-list, simulated, compared with a network or a table. */
async function verifyElsewhere(argv: Arguments, map: string): Promise<Outcome> {
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
  const failures = foreignTestCases(report).filter(({ failure }) => failure !== undefined);
  return outcome(
    report,
    elsewhereLines(report, [
      ...(report.regression === undefined ? [] : [scoreLine(report.regression)]),
      ...stabilityLines(report.stability),
      ...copiesLines(report),
    ]),
    failures.length > 0 ? 3 : 0,
    failures.map(({ name, failure }) => `failed: ${name}: ${failure}`),
  );
}

/** `neuroprint verify`: does the circuit do what the network promised? */
export const verifyCommand = defineCommand({
  options,
  examples: [['$0 verify --netlist netlists-out/iris --monte-carlo 100', 'Compare every node, and 100 printed copies']],
  run: async (argv) => {
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
    const failures = testCases(report).filter(({ failure }) => failure !== undefined);
    const remarks = failures.map(({ name, failure }) => `failed: ${name}: ${failure}`);
    if (failures.length > 0 && report.maxErrorVolts > TOLERANCE_VOLTS)
      remarks.push(
        `The voltages differ by more than ${TOLERANCE_VOLTS} V: the circuit is not what was promised. Run lvs to see what was changed.`,
      );
    return outcome(report, verificationLines(report), failures.length > 0 ? 3 : 0, remarks);
  },
});
