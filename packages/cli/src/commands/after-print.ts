import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import {
  CircuitKind,
  formatPercent,
  meanAndStd,
  prepareOutputFolder,
  regressionOf,
  toVoltageRows,
  UsageError,
  type VoltageRows,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import {
  readMeasuredCurves,
  type SheetResult,
  type TuningSetup,
  testAccuracy,
  tuneSheet,
  tuneSimulatedSheet,
} from '@neuroprint/laboratory';
import { renderNetlist } from '@neuroprint/spice';
import { readNetlistFolder } from '@neuroprint/verifier';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { withEngine } from '../engine.ts';
import { engineOption, number, overwriteOption, required, seedOption, text, whole } from '../options.ts';
import { Progress } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { readDatasetFor } from '../run-compile.ts';

const options = {
  netlist: required(text('Folder that compile wrote')),
  data: required(text('The table that the network was trained on')),
  label: text('Column with the class; as in training unless given'),
  measured: text('CSV with the columns stage, v_in, v_out (volts), every stage unloaded'),
  sheets: whole('Instead: print so many sheets by computer', { min: 1, max: 1000 }),
  out: text('Folder for the tuned circuit.json and netlist.cir'),
  spread: number('How far component values of stages may be from the design', { min: 0.001, max: 0.5, default: 0.2 }),
  steps: whole('Steps of the tuning', { min: 1, max: 100_000, default: 300 }),
  seed: seedOption,
  overwrite: overwriteOption,
  engine: engineOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** A fit that misses its curve by more than this share of the bias (rms) says that the curve belongs to another stage, or was measured otherwise. */
const EXPLAINED = 0.02;

/** Tunes the sheet that was measured, and writes its netlist. */
async function measuredSheet(argv: Arguments, setup: TuningSetup): Promise<Outcome> {
  if (argv.out === undefined) throw new UsageError('The tuned circuit needs a folder: add --out.');
  const curves = readMeasuredCurves(argv.measured!);
  prepareOutputFolder(argv.out, argv.overwrite);
  const { fits, tuned, moved, behavioural } = await tuneSheet(setup, curves);
  const ideal = await testAccuracy(setup, setup.circuit);
  const { kind: _, version: __, checksum: ___, ...content } = tuned;
  writeArtifact(join(argv.out, 'circuit.json'), CircuitKind, content);
  writeFileAtomic(join(argv.out, 'netlist.cir'), renderNetlist(tuned, setup.technology));
  const most = EXPLAINED * setup.technology.bias.volts;
  const unexplained = fits.filter(({ residualVolts }) => residualVolts > most).map(({ stage }) => stage);
  return outcome(
    { stages: fits, unexplained, resistorsMoved: moved, accuracy: { designed: ideal, ...behavioural }, out: argv.out },
    [
      `stages     ${fits.map(({ stage, designedVolts, residualVolts }) => `${stage} off by ${(1e3 * designedVolts).toFixed(0)} mV, fitted to ${(1e3 * residualVolts).toFixed(1)} mV`).join('; ')}`,
      ...(unexplained.length === 0
        ? []
        : [
            `unexplained ${unexplained.join(', ')}: no values of the cell make these curves. Were they measured unloaded, and is each named as its stage?`,
          ]),
      `crossbars  ${moved} resistors changed`,
      `accuracy   as designed ${formatPercent(ideal)}, with the measured curves ${formatPercent(behavioural.before)}, tuned to them ${formatPercent(behavioural.after)} (ngspice, behavioural stages)`,
      `written    circuit.json and netlist.cir in ${argv.out}`,
    ],
    unexplained.length > 0 ? 3 : 0,
  );
}

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
    const data = readDatasetFor(netlist.network, argv.data, argv.label);
    const { inputs, classes } = netlist.network;
    if (regressionOf(netlist.network) !== undefined || !('classNames' in data))
      throw new UsageError(
        `${argv.netlist} predicts a target, and crossbars are tuned to the decisions of classifiers only.`,
        'Compile again with components as they were measured.',
      );
    const rowsOf = (part: 'train' | 'valid' | 'test'): VoltageRows => toVoltageRows(data, inputs, classes, part);
    const rows = { train: rowsOf('train'), valid: rowsOf('valid'), test: rowsOf('test') };
    const run = argv.measured === undefined ? simulatedSheets : measuredSheet;
    return withEngine(argv.engine, (engine) =>
      run(argv, {
        engine,
        circuit: netlist.circuit,
        technology,
        rows,
        spread: argv.spread,
        steps: argv.steps,
        seed: argv.seed,
      }),
    );
  },
});
