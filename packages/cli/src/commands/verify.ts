import { loadTechnology } from '@neuroprint/circuit';
import { readArtifact, TrainedNetworkKind, UsageError, writeFileAtomic } from '@neuroprint/core';
import {
  foreignJunitXml,
  foreignTestCases,
  junitXml,
  technologyOfMap,
  testCases,
  toleranceOf,
  verifyForeign,
} from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { judged } from '../as-promised.ts';
import { type ArgumentsOf, defineCommand, type Outcome } from '../command.ts';
import { withEngine } from '../engine.ts';
import { withNonIdealities } from '../non-ideality.ts';
import {
  celsiusSpan,
  days,
  engineOption,
  flag,
  flagOf,
  given,
  number,
  parsed,
  required,
  text,
  whole,
} from '../options.ts';
import { withProgress } from '../output.ts';
import { checksOf, copyOptions, runVerify } from '../run-verify.ts';
import { networkTableOptions, readDatasetFor, readingOf } from '../table-options.ts';
import { copiesLines, scoreLine, stabilityLines, verificationLines } from '../verification-lines.ts';
import { elsewhereLines } from '../verify-elsewhere.ts';

const options = {
  netlist: required(text('Folder that compile wrote, or a netlist in it')),
  data: text('Verify on the test rows of this table instead of expected.csv'),
  ...networkTableOptions,
  'monte-carlo': whole('Printed copies to simulate', { min: 1, max: 1e6 }),
  ...copyOptions,
  interval: number('Stop when the 95 % interval of the yield is no wider than this', { min: 1e-6, max: 1 }),
  workers: whole('Threads of the exact solver; one per core unless given', { min: 1, max: 256 }),
  corners: flag('Accuracy against supply, drift, threshold and source resistance'),
  age: parsed(text('Days after which printed copies are judged, such as 30d,365d'), days),
  temperature: parsed(
    text('Accuracy between these temperatures in °C, such as 5..45, where laws of transistors know it'),
    celsiusSpan,
  ),
  blame: flag('Which component moves which decision, and the worst corner'),
  'node-farads': number("Capacitance of every node, for stability and settling; the technology's unless given", {
    min: 1e-18,
    max: 1,
  }),
  'both-engines': flag('Simulate the rows with the other ngspice too, and compare'),
  spec: text('YAML file with limits; below them the exit code is 3'),
  junit: text('Write the checks as JUnit XML to this file'),
  map: text('The netlist is from elsewhere: map.json says what drives and reads it'),
  network: text('With --map: the network whose decisions it should make'),
  expected: text('With --map: a table of input volts, and of expected volts, currents i(…) and labels'),
  tolerance: number('With --expected: what a voltage or current may be off, in V or A', { min: 0 }),
  'tolerance-relative': number('With --expected: the same as a share of what is expected', { min: 0, max: 1 }),
  strict: flag('With --map: refuse what would be left out of the netlist'),
  engine: engineOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** A netlist that neuroprint did not write: read against the allow-list, simulated, compared with a network or a table. */
async function verifyElsewhere(argv: Arguments, map: string): Promise<Outcome> {
  const technology = loadTechnology(TEMPLATES, technologyOfMap(map));
  const network = argv.network === undefined ? undefined : readArtifact(argv.network, TrainedNetworkKind);
  for (const name of ['age', 'temperature', 'spread'] as const)
    if (argv[name] !== undefined)
      throw new UsageError(`--${name} is for netlists that neuroprint wrote.`, 'Leave it out with --map.');
  if (argv.data !== undefined && network === undefined)
    throw new UsageError('--data needs --network, which says what its columns mean.');
  const { netlist, expected, label, strict, tolerance: absolute, toleranceRelative: relative } = argv;
  const checks = checksOf(
    { ...argv, ...given({ variation: withNonIdealities(argv.variation, argv) }) },
    network?.variation,
  );
  const data = network && argv.data !== undefined ? readDatasetFor(network, argv.data, readingOf(argv)) : undefined;
  const asked = { netlist, map, technology, network, data, expected, label, strict, ...checks };
  const report = await withEngine(
    argv.engine,
    (engine, second) =>
      withProgress('verify', (show) =>
        verifyForeign(
          {
            ...asked,
            tolerance: { absolute, relative },
            second,
            onProgress: (what, done, total) => show(done, total, what),
          },
          engine,
        ),
      ),
    argv.bothEngines,
  );
  if (argv.junit !== undefined) writeFileAtomic(argv.junit, foreignJunitXml(report));
  const shared = [
    ...(report.regression === undefined ? [] : [scoreLine(report.regression)]),
    ...stabilityLines(report.stability),
    ...copiesLines(report),
  ];
  return judged(report, elsewhereLines(report, shared), foreignTestCases(report));
}

/** `neuroprint verify`: does the circuit do what the network promised? */
export const verifyCommand = defineCommand({
  options,
  examples: [['$0 verify --netlist netlists-out/iris --monte-carlo 100', 'Compare every node, and 100 printed copies']],
  run: async (argv) => {
    if (argv.map !== undefined) return verifyElsewhere(argv, argv.map);
    for (const name of ['network', 'expected', 'tolerance', 'toleranceRelative', 'strict'] as const)
      if (argv[name] !== undefined && argv[name] !== false)
        throw new UsageError(`${flagOf(name)} is for netlists from elsewhere.`, 'Add --map.');
    const request = { ...argv, ...given({ variation: withNonIdealities(argv.variation, argv) }) };
    const { report } = await withEngine(
      argv.engine,
      (engine, second) => runVerify({ ...request, reading: readingOf(argv), ...given({ second }) }, engine),
      argv.bothEngines,
    );
    if (argv.junit !== undefined) writeFileAtomic(argv.junit, junitXml(report));
    const hint = `The voltages differ by more than ${toleranceOf(report)} V: the circuit is not what was promised. Run lvs to see what was changed.`;
    const isOff = report.maxErrorVolts > toleranceOf(report);
    return judged(report, verificationLines(report), testCases(report), isOff ? hint : undefined);
  },
});
