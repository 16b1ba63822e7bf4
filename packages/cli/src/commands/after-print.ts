import { join } from 'node:path';
import { accuracy, decisions, loadTechnology, type Technology } from '@neuroprint/circuit';
import {
  type Circuit,
  CircuitKind,
  type Device,
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
  type FittedStage,
  fitStage,
  type MeasuredCurve,
  readMeasuredCurves,
  simulateBehavioural,
  simulateSheet,
  trimCrossbars,
} from '@neuroprint/laboratory';
import { type Engine, type EngineChoice, renderNetlist, simulateRows } from '@neuroprint/spice';
import { type NetlistFolder, readNetlistFolder } from '@neuroprint/verifier';
import type { CommandModule } from 'yargs';
import { withEngine } from '../engine.ts';
import { engineOption, jsonOption, numberOption, overwriteOption, seedOption, textOption } from '../options.ts';
import { Progress, printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { readDatasetFor } from './compile.ts';

/** A fit that misses its curve by more (rms) says that the curve belongs to another stage, or was measured otherwise. */
const EXPLAINED_VOLTS = 0.02;

interface Arguments {
  netlist: string;
  data: string;
  label: string | undefined;
  measured: string | undefined;
  sheets: number | undefined;
  out: string | undefined;
  spread: number;
  steps: number;
  seed: number;
  overwrite: boolean;
  engine: EngineChoice;
  json: boolean;
}

interface Rows {
  readonly train: VoltageRows;
  readonly valid: VoltageRows;
  readonly test: VoltageRows;
}

/** The stages as fitted in place of those that were designed. */
function withStages(devices: readonly Device[], fits: readonly FittedStage[]): Device[] {
  const byName = new Map(fits.map((fit) => [fit.stage, fit.values]));
  return devices.map((device) =>
    device.kind === 'stage' ? { ...device, values: byName.get(device.name) ?? device.values } : device,
  );
}

function withCrossbars(devices: readonly Device[], from: readonly Device[]): Device[] {
  const ohms = new Map(
    from.flatMap((device) => (device.kind === 'resistor' ? [[device.name, device.ohms] as const] : [])),
  );
  return devices.map((device) => (device.kind === 'resistor' ? { ...device, ohms: ohms.get(device.name)! } : device));
}

function fitAll(
  circuit: Circuit,
  technology: Technology,
  curves: readonly MeasuredCurve[],
  spread: number,
): FittedStage[] {
  const stages = circuit.devices.filter((device) => device.kind === 'stage');
  const unknown = curves.find(({ stage }) => !stages.some(({ name }) => name === stage));
  if (unknown !== undefined)
    throw new UsageError(
      `The netlist has no stage ${unknown.stage}, and it was measured.`,
      `Its stages are: ${stages.map(({ name }) => name).join(', ')}.`,
    );
  return stages.map((device) => {
    const curve = curves.find(({ stage }) => stage === device.name);
    if (curve === undefined)
      throw new UsageError(`The stage ${device.name} was not measured.`, 'Measure every stage of the sheet.');
    return fitStage(device, technology, curve, spread);
  });
}

const shareRight = (volts: Float64Array, circuit: Circuit, rows: VoltageRows): number =>
  accuracy(decisions(volts, circuit.outputs.length), rows.labels);

async function inNgspice(engine: Engine, circuit: Circuit, technology: Technology, rows: VoltageRows): Promise<number> {
  const simulated = await simulateRows(engine, circuit, technology, rows.volts);
  const at = circuit.outputs.map((node) => simulated.nodes.indexOf(node));
  const width = simulated.nodes.length;
  const volts = Float64Array.from(
    { length: rows.labels.length * at.length },
    (_, i) => simulated.volts[Math.floor(i / at.length) * width + at[i % at.length]!]!,
  );
  return shareRight(volts, circuit, rows);
}

/** One sheet: stages fitted to their curves, crossbars tuned to them, and both circuits in ngspice with the measured curves. */
async function tune(
  engine: Engine,
  netlist: NetlistFolder,
  technology: Technology,
  rows: Rows,
  curves: readonly MeasuredCurve[],
  argv: Arguments,
) {
  const { circuit } = netlist;
  const fits = fitAll(circuit, technology, curves, argv.spread / Math.sqrt(3));
  const printed = { ...circuit, devices: withStages(circuit.devices, fits) };
  const trimmed = trimCrossbars(printed, technology, rows, { seed: argv.seed, steps: argv.steps });
  const tuned = { ...printed, devices: trimmed.devices.slice() };
  const behavioural = async (one: Circuit): Promise<number> =>
    shareRight(await simulateBehavioural(engine, one, technology, curves, rows.test.volts), circuit, rows.test);
  return {
    fits,
    tuned,
    moved: trimmed.moved,
    behavioural: { before: await behavioural(printed), after: await behavioural(tuned) },
  };
}

/** Tunes the sheet that was measured, and writes its netlist. */
async function measuredSheet(
  argv: Arguments,
  engine: Engine,
  netlist: NetlistFolder,
  technology: Technology,
  rows: Rows,
): Promise<void> {
  if (argv.out === undefined) throw new UsageError('The tuned circuit needs a folder: add --out.');
  const curves = readMeasuredCurves(argv.measured!);
  prepareOutputFolder(argv.out, argv.overwrite);
  const { fits, tuned, moved, behavioural } = await tune(engine, netlist, technology, rows, curves, argv);
  const ideal = await inNgspice(engine, netlist.circuit, technology, rows.test);
  const { kind: _, version: __, checksum: ___, ...content } = tuned;
  writeArtifact(join(argv.out, 'circuit.json'), CircuitKind, content);
  writeFileAtomic(join(argv.out, 'netlist.cir'), renderNetlist(tuned, technology));
  const unexplained = fits.filter(({ residualVolts }) => residualVolts > EXPLAINED_VOLTS).map(({ stage }) => stage);
  if (unexplained.length > 0) process.exitCode = 3;
  printResult(
    argv.json,
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
  );
}

/** Test accuracy of one sheet in ngspice, before and after its crossbars were tuned: as it truly is, and with its measured curves. */
interface SheetResult {
  readonly sheet: number;
  readonly before: number;
  readonly after: number;
  readonly behavioural: { readonly before: number; readonly after: number };
  /** Largest distance of a stage's curve from the design, and of its fit from the curve, rms. */
  readonly stageVolts: number;
  readonly residualVolts: number;
}

/** Prints sheets by computer, measures and tunes each, and compares with what they truly are. */
async function simulatedSheets(
  argv: Arguments,
  engine: Engine,
  netlist: NetlistFolder,
  technology: Technology,
  rows: Rows,
): Promise<void> {
  const { circuit } = netlist;
  const progress = new Progress('sheets');
  const sheets: SheetResult[] = [];
  for (let sheet = 0; sheet < argv.sheets!; sheet += 1) {
    progress.update(sheet, argv.sheets!);
    const { devices, curves } = simulateSheet(circuit.devices, technology, argv.spread, argv.seed + sheet);
    const { fits, tuned, behavioural } = await tune(engine, netlist, technology, rows, curves, argv);
    const truth = { ...circuit, devices: devices.slice() };
    sheets.push({
      sheet,
      before: await inNgspice(engine, truth, technology, rows.test),
      after: await inNgspice(
        engine,
        { ...truth, devices: withCrossbars(devices, tuned.devices) },
        technology,
        rows.test,
      ),
      behavioural,
      stageVolts: Math.max(...fits.map(({ designedVolts }) => designedVolts)),
      residualVolts: Math.max(...fits.map(({ residualVolts }) => residualVolts)),
    });
  }
  progress.done();
  const ideal = await inNgspice(engine, circuit, technology, rows.test);
  const summary = (of: (sheet: (typeof sheets)[number]) => number) => meanAndStd(sheets.map(of));
  const [before, after] = [summary((s) => s.before), summary((s) => s.after)];
  const [modelBefore, modelAfter] = [summary((s) => s.behavioural.before), summary((s) => s.behavioural.after)];
  const shown = ({ mean, std }: { mean: number; std: number }): string =>
    `${formatPercent(mean)} ± ${formatPercent(std)}`;
  printResult(
    argv.json,
    {
      dataset: netlist.network.name,
      spread: argv.spread,
      sheets,
      ideal,
      before,
      after,
      behavioural: { before: modelBefore, after: modelAfter },
    },
    [
      `${netlist.network.name}: ${sheets.length} sheets, every stage component within ${formatPercent(argv.spread)}; test rows, ngspice`,
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
export const afterPrintCommand: CommandModule<object, Arguments> = {
  command: 'after-print',
  describe: 'Tune the crossbars that are still to be printed or trimmed to the measured curves of printed stages',
  builder: (yargs) =>
    yargs
      .options({
        netlist: { ...textOption('netlist', 'Folder that compile wrote'), demandOption: true },
        data: { ...textOption('data', 'The table that the network was trained on'), demandOption: true },
        label: textOption('label', 'Column with the class; as in training unless given'),
        measured: textOption('measured', 'CSV with the columns stage, v_in, v_out (volts), every stage unloaded'),
        sheets: numberOption(
          'sheets',
          { min: 1, max: 1000, describe: 'Instead: print so many sheets by computer' },
          true,
        ),
        out: textOption('out', 'Folder for the tuned circuit.json and netlist.cir'),
        spread: numberOption(
          'spread',
          { min: 0.001, max: 0.5, default: 0.2, describe: 'How far component values of stages may be from the design' },
          false,
        ),
        steps: numberOption('steps', { min: 1, max: 100_000, default: 300, describe: 'Steps of the tuning' }, true),
        seed: seedOption(0),
        overwrite: overwriteOption,
        engine: engineOption,
        json: jsonOption,
      })
      .example(
        '$0 after-print --netlist netlists-out/iris --data examples/iris.csv --measured sheet7.csv --out netlists-out/iris-sheet7',
        'Crossbars for sheet 7',
      ) as never,
  handler: async (argv) => {
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
    await withEngine(argv.engine, (engine) => run(argv, engine, netlist, technology, rows));
  },
};
