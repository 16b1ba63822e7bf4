import { loadTechnology } from '@neuroprint/circuit';
import { formatPercent, meanAndStd, regressionOf, toVoltageRows, UsageError, type VoltageRows } from '@neuroprint/core';
import { type SheetResult, type TuningSetup, testAccuracy, tuneSimulatedSheet } from '@neuroprint/laboratory';
import { readNetlistFolder } from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { withEngine } from '../engine.ts';
import { measuredSheet } from '../measured-sheet.ts';
import { engineOption, number, overwriteOption, required, seedOption, text, whole } from '../options.ts';
import { Progress } from '../output.ts';
import { networkTableOptions, readDatasetFor, readingOf } from '../table-options.ts';

const options = {
  netlist: required(text('Folder that compile wrote')),
  data: required(text('The table that the network was trained on')),
  ...networkTableOptions,
  measured: text('Measured curves, every stage unloaded: columns stage, v_in, v_out, or v_in and a column a stage'),
  sheets: whole('Instead: print so many sheets by computer', { min: 1, max: 1000 }),
  out: text('Folder for the tuned circuit, complete as that of compile'),
  spread: number('How far component values of stages may be from the design', { min: 0.001, max: 0.5, default: 0.2 }),
  steps: whole('Steps of the tuning', { min: 1, max: 100_000, default: 300 }),
  seed: seedOption,
  overwrite: overwriteOption,
  engine: engineOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** Prints sheets by computer, measures and tunes each, and compares with what they truly are. */
async function simulatedSheets(argv: Arguments, setup: TuningSetup): Promise<Outcome> {
  const progress = new Progress('sheets');
  const sheets: SheetResult[] = [];
  for (let sheet = 0; sheet < argv.sheets!; sheet += 1) {
    progress.update(sheet, argv.sheets!);
    sheets.push(await tuneSimulatedSheet(setup, sheet));
  }
  progress.done();
  const ideal = await testAccuracy(setup, setup.circuit);
  const summary = (of: (sheet: (typeof sheets)[number]) => number) => meanAndStd(sheets.map(of));
  const [before, after] = [summary((s) => s.before), summary((s) => s.after)];
  const [modelBefore, modelAfter] = [summary((s) => s.behavioural.before), summary((s) => s.behavioural.after)];
  const shown = ({ mean, std }: { mean: number; std: number }): string =>
    `${formatPercent(mean)} ± ${formatPercent(std)}`;
  return outcome(
    {
      dataset: setup.circuit.name,
      spread: argv.spread,
      sheets,
      ideal,
      before,
      after,
      behavioural: { before: modelBefore, after: modelAfter },
    },
    [
      `${setup.circuit.name}: ${sheets.length} sheets, every stage component within ${formatPercent(argv.spread)}; test rows, ngspice`,
      ...sheets.map(
        (s) =>
          `sheet ${String(s.sheet).padStart(2)}   before ${formatPercent(s.before)}, after ${formatPercent(s.after)}; behavioural ${formatPercent(s.behavioural.before)}, ${formatPercent(s.behavioural.after)}; stages off by up to ${(1e3 * s.stageVolts).toFixed(0)} mV, fitted to ${(1e3 * s.residualVolts).toFixed(1)} mV`,
      ),
      `ideal      ${formatPercent(ideal)} (as designed)`,
      `before     ${shown(before)} on the true sheets; ${shown(modelBefore)} with measured curves as behavioural stages`,
      `after      ${shown(after)} on the true sheets; ${shown(modelAfter)} with measured curves as behavioural stages`,
    ],
  );
}

/** `neuroprint after-print`: stages are printed and measured, crossbars are tuned to what they became. */
export const afterPrintCommand = defineCommand({
  options,
  examples: [
    [
      '$0 after-print --netlist netlists-out/iris --data examples/iris.csv --measured sheet7.csv --out netlists-out/iris-sheet7',
      'Crossbars for sheet 7',
    ],
  ],
  run: async (argv) => {
    if ((argv.measured === undefined) === (argv.sheets === undefined))
      throw new UsageError('Say what was printed: --measured FILE, or --sheets N for sheets by computer.');
    const netlist = readNetlistFolder(argv.netlist);
    const technology = loadTechnology(TEMPLATES, netlist.circuit.technology);
    const data = readDatasetFor(netlist.network, argv.data, readingOf(argv));
    const { inputs, classes } = netlist.network;
    if (regressionOf(netlist.network) !== undefined || !('classNames' in data))
      throw new UsageError(
        `${argv.netlist} predicts a target, and crossbars are tuned to the decisions of classifiers only.`,
        'Compile again with components as they were measured.',
      );
    const rowsOf = (part: 'train' | 'valid' | 'test'): VoltageRows => toVoltageRows(data, inputs, classes, part);
    const rows = { train: rowsOf('train'), valid: rowsOf('valid'), test: rowsOf('test') };
    return withEngine(argv.engine, (engine) => {
      const { spread, steps, seed, measured } = argv;
      const setup = { engine, circuit: netlist.circuit, technology, rows, spread, steps, seed };
      if (measured === undefined) return simulatedSheets(argv, setup);
      if (argv.out === undefined) throw new UsageError('The tuned circuit needs a folder: add --out.');
      return measuredSheet({ measured, out: argv.out, overwrite: argv.overwrite, netlist, data }, setup);
    });
  },
});
