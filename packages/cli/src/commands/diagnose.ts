import { UsageError } from '@neuroprint/core';
import { probability as inWords } from '@neuroprint/report';
import { judged } from '../as-promised.ts';
import { defineCommand } from '../command.ts';
import { nonIdealityOptions, withNonIdealities } from '../non-ideality.ts';
import { given, number, overwriteOption, required, text, whole } from '../options.ts';
import { type DiagnoseResult, runDiagnose } from '../run-diagnose.ts';
import { readVariation } from '../variation-file.ts';

/** `neuroprint diagnose`: from the volts measured on a sheet to what is broken, and what to measure next. */
export const diagnoseCommand = defineCommand({
  options: {
    netlist: required(text('Folder that compile wrote')),
    measured: required(
      text('Measured volts: the bench test sheet filled in, or a column for every input and every node measured'),
    ),
    variation: number('Every component of a good print varies by this share; as in training unless given', {
      min: 0,
      max: 0.99,
    }),
    'variation-model': text('JSON file that says how good prints differ, as in train'),
    ...nonIdealityOptions,
    'meter-volts': number('Standard deviation of a reading', { min: 1e-9, max: 10, default: 0.001 }),
    'most-faults': whole('Faults that are looked for at once', { min: 1, max: 3, default: 2 }),
    out: text('Folder for page and table; diagnosis in that of the netlist unless given'),
    overwrite: overwriteOption,
  },
  examples: [
    ['$0 diagnose --netlist netlists-out/iris --measured sheet7.csv', 'What is broken on sheet 7'],
    ['$0 diagnose --netlist netlists-out/iris --measured sheet7.csv --variation 0.05 --json', 'For another program'],
  ],
  run: async ({ variation, variationModel, nonIdeality, presets, ...request }) => {
    if (variation !== undefined && variationModel !== undefined)
      throw new UsageError('--variation and --variation-model both say how good prints differ.', 'Give one of them.');
    const base = variationModel === undefined ? variation : readVariation(variationModel);
    const model = withNonIdealities(base, { presets, ...given({ nonIdeality }) });
    const { result, files } = await runDiagnose({ ...request, ...given({ variation: model }) });
    const failure = result.verdict === 'within tolerance' ? undefined : result.headline;
    return judged({ ...result, files }, linesOf(result, files), [{ name: 'the sheet', failure }]);
  },
});

function linesOf(result: DiagnoseResult, files: readonly string[]): string[] {
  const { verdict, headline, candidates, next, resolution, probabilityGood, readings, patterns, law, notes } = result;
  return [
    ...(verdict === 'within tolerance' ? [headline] : []),
    `readings   ${readings} at ${patterns} patterns; prints vary by ${law}`,
    `good       with probability ${inWords(probabilityGood)}; χ² ${result.goodChiSquare.toPrecision(3)}, of good prints below ${result.explainedBelow.toFixed(0)}`,
    ...candidates.map(
      ({ alike, probability, chiSquare }, k) =>
        `${k === 0 ? 'candidates' : '          '} ${inWords(probability).padStart(12)}  ${alike.map((faults) => faults.join(' and ')).join(', or ')} (χ² ${chiSquare.toPrecision(3)})`,
    ),
    ...(next === undefined ? [] : [`next       ${next.words}`]),
    `resolution ${resolution.faults} single faults in ${resolution.groups} groups that these readings tell apart as designed; ${resolution.noTrace.length} leave no trace`,
    ...notes.map((note) => `note       ${note}`),
    ...files.map((file) => `written    ${file}`),
  ];
}
