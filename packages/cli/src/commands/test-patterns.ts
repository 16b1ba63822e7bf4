import { formatPercent, UsageError, type VoltRange } from '@neuroprint/core';
import { readSpecification } from '@neuroprint/verifier';
import { judged } from '../as-promised.ts';
import { defineCommand } from '../command.ts';
import { withEngine } from '../engine.ts';
import { jobFolderOption } from '../job-folder.ts';
import { jobOptions, partsOutcome, slurmOf } from '../job-options.ts';
import { nonIdealityOptions, withNonIdealities } from '../non-ideality.ts';
import { engineOption, flag, given, number, parsed, required, seedOption, text, whole } from '../options.ts';
import { runTestPatterns, type TestPatternsResult } from '../run-test-patterns.ts';
import { readVariation } from '../variation-file.ts';

/** Faults that are named on the terminal; --json and the sheet have all. */
const SHOWN = 5;

/** `neuroprint test-patterns`: which inputs to apply to a printed sheet, what to expect, and which faults that finds. */
export const testPatternsCommand = defineCommand({
  options: {
    netlist: required(text('Folder that compile wrote')),
    variation: number('Every component of a good copy varies by this share; as in training unless given', {
      min: 0,
      max: 0.99,
    }),
    'variation-model': text('JSON file that says how good copies differ, as in train'),
    ...nonIdealityOptions,
    'meter-volts': number('A reading is off by at most this', { min: 1e-9, max: 10, default: 0.001 }),
    'inner-nodes': flag('Measure the outputs of all stages, and not those of the network alone'),
    'most-patterns': whole('Patterns at most', { min: 1, max: 1000, default: 40 }),
    'input-range': parsed(
      text('Volts between which inputs may be applied, such as 0..0.8; the technology’s unless given'),
      voltSpan,
    ),
    'false-alarms': number('Share of good sheets that may be called broken', { min: 0.001, max: 0.5, default: 0.01 }),
    'found-share': number('A fault is found where this share of the printed copies with it is', {
      min: 0.5,
      max: 1,
      default: 0.95,
    }),
    'good-copies': whole('Good copies that set the limits', { min: 100, max: 1e6, default: 5000 }),
    'faulty-copies': whole('Printed copies of every fault', { min: 10, max: 1e5, default: 100 }),
    'fitted-copies': whole(
      'Printed copies of every fault that the limits miss, to each of which a good print is fitted: what diagnose does. Minutes; 20 is a good number',
      { min: 0, max: 1e5, default: 0 },
    ),
    confirm: whole('Found faults that ngspice simulates too', { min: 0, max: 1e6, default: 10 }),
    out: jobFolderOption,
    workers: whole('Threads; one per core unless given', { min: 1, max: 256 }),
    ...jobOptions('parts'),
    spec: text('YAML file with minimumFaultCoverage; below it the exit code is 3'),
    seed: seedOption,
    engine: engineOption,
  },
  examples: [
    ['$0 test-patterns --netlist netlists-out/iris', 'Patterns, and the bench test sheet'],
    ['$0 test-patterns --netlist netlists-out/iris --inner-nodes', 'With the outputs of all stages measured'],
  ],
  run: async ({ engine, spec, variation, variationModel, nonIdeality, presets, inputRange, ...argv }) => {
    if (variation !== undefined && variationModel !== undefined)
      throw new UsageError('--variation and --variation-model both say how good copies differ.', 'Give one of them.');
    const specification = spec === undefined ? undefined : readSpecification(spec);
    const base = variationModel === undefined ? variation : readVariation(variationModel);
    const slurm = slurmOf(argv);
    const { judged: came, ...jobs } = await runTestPatterns(
      {
        ...argv,
        ...given({
          slurm,
          variation: withNonIdealities(base, { presets, ...given({ nonIdeality }) }),
          inputVolts: inputRange,
        }),
      },
      (work) => withEngine(engine, work),
    );
    if (came === undefined) return partsOutcome(jobs);
    const { result, files } = came;
    const counts = { made: jobs.made, found: jobs.found, failures: jobs.failures };
    const asked = specification?.limits.find(({ name }) => name === 'minimumFaultCoverage');
    return judged({ ...result, ...counts, files }, lines(result, files), checksOf(result, asked?.limit));
  },
});

/** `0..0.8`. Throws UsageError for what is no two numbers. */
function voltSpan(given: string, name: string): VoltRange {
  const ends = given.split('..').map((end) => (end.trim() === '' ? Number.NaN : Number(end)));
  const [minimum, maximum] = ends;
  if (ends.length !== 2 || !Number.isFinite(minimum) || !Number.isFinite(maximum))
    throw new UsageError(`--${name} is "${given}".`, 'Give two voltages, as in 0..0.8.');
  return { minimum: minimum!, maximum: maximum! };
}

function checksOf(result: TestPatternsResult, least: number | undefined) {
  const { coverage, ngspice, limits } = result;
  const failures = [
    ...(limits.found === 0
      ? [
          [
            'the sheet',
            `no limit separates any fault from printing (${result.law}): coverage ${formatPercent(coverage)}`,
          ],
        ]
      : []),
    ...(least !== undefined && coverage < least
      ? [['fault coverage', `coverage ${formatPercent(coverage)} is below ${formatPercent(least)}`]]
      : []),
    ...(ngspice !== undefined && ngspice.confirmed < ngspice.faults
      ? [['ngspice', `${ngspice.faults - ngspice.confirmed} of ${ngspice.faults} faults are not found in ngspice`]]
      : []),
  ];
  return failures.map(([name, failure]) => ({ name: name!, failure, output: '' }));
}

function lines(result: TestPatternsResult, files: readonly string[]): string[] {
  const { faults, groups, detectable, patterns, observed, limits, fit, ngspice, law, meterVolts, foundShare } = result;
  const missed = faults.filter(({ reason }) => reason !== undefined);
  const reasons = [...new Set(missed.map(({ reason }) => reason!))];
  return [
    `patterns   ${patterns.length}, ${observed.length} nodes to measure at each`,
    `faults     ${faults.length} in ${groups} groups that no reading tells apart; ${detectable} move what is measured by more than ${1e3 * meterVolts} mV`,
    `limits     find ${limits.found}: ${formatPercent(limits.coverage)} of all, ${formatPercent(limits.coverageOfDetectable)} of those (${law}, on ${formatPercent(foundShare)} of printed copies or more)`,
    `           false alarms at most ${formatPercent(limits.falseAlarms)} a sheet (${limits.goodCopiesOutside} of ${limits.goodCopies} good copies outside)`,
    ...(fit === undefined
      ? []
      : [
          `with fit   find ${fit.found}: ${formatPercent(fit.coverage)} of all, ${formatPercent(fit.coverageOfDetectable)} of those; false alarms of both at most ${formatPercent(fit.falseAlarms)} a sheet`,
        ]),
    ...reasons.map((reason) => {
      const own = missed.filter((one) => one.reason === reason);
      const names = own.slice(0, SHOWN).map(({ name }) => name);
      return `missed     ${own.length} ${reason}: ${names.join('; ')}${own.length > SHOWN ? '; …' : ''}`;
    }),
    ...(ngspice === undefined
      ? []
      : [
          `ngspice    ${ngspice.confirmed} of ${ngspice.faults} found faults are found by its volts too, which differ by at most ${ngspice.maxErrorVolts.toExponential(1)} V`,
        ]),
    ...files.map((file) => `written    ${file}`),
  ];
}
