import type { Technology } from '@neuroprint/circuit';
import {
  type Calibration,
  type Circuit,
  type Device,
  selectVolts,
  UsageError,
  type VoltageRows,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { type Engine, simulateRows } from '@neuroprint/spice';
import { simulateBehavioural } from './behavioural.ts';
import { type FittedStage, fitStage } from './fit.ts';
import { simulateSheet } from './sheet.ts';
import type { MeasuredCurve } from './stage-curves.ts';
import { trimCrossbars } from './trim.ts';

/** What sheets are tuned with: the designed circuit, the rows of its table, and how far printed components may be off. */
export interface TuningSetup {
  readonly engine: Engine;
  readonly circuit: Circuit;
  readonly technology: Technology;
  readonly rows: Readonly<Record<'train' | 'valid' | 'test', VoltageRows>>;
  readonly spread: number;
  /** Steps of the tuning. */
  readonly steps: number;
  readonly seed: number;
  /** The printable resistance that is nearest; default: every resistance can be printed. */
  readonly printable?: (ohms: number) => number;
}

/** A sheet whose crossbars fit its stages; test accuracies are those with the measured curves as stages. */
export interface TunedSheet {
  readonly fits: readonly FittedStage[];
  readonly tuned: Circuit;
  /** Resistors that changed. */
  readonly moved: number;
  /** Accuracy of the validation rows by the exact circuit, before and after. */
  readonly validAccuracy: readonly [number, number];
  readonly calibration: Calibration;
  readonly behavioural: { readonly before: number; readonly after: number };
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

/** Test accuracy of a circuit in ngspice. */
export async function testAccuracy({ engine, technology, rows }: TuningSetup, circuit: Circuit): Promise<number> {
  const simulated = await simulateRows(engine, circuit, technology, rows.test.volts);
  return shareRight(selectVolts(simulated, circuit.outputs), circuit, rows.test);
}

/** One sheet: stages fitted to their curves, crossbars tuned to them, and both circuits in ngspice with the measured curves. */
export async function tuneSheet(
  { engine, circuit, technology, rows, spread, steps, seed, printable }: TuningSetup,
  curves: readonly MeasuredCurve[],
): Promise<TunedSheet> {
  const fits = fitAll(circuit, technology, curves, spread / Math.sqrt(3));
  const printed = { ...circuit, devices: withStages(circuit.devices, fits) };
  const trimmed = trimCrossbars(printed, technology, rows, { seed, steps, printable });
  const tuned = { ...printed, devices: trimmed.devices.slice() };
  const behavioural = async (one: Circuit): Promise<number> =>
    shareRight(await simulateBehavioural(engine, one, technology, curves, rows.test.volts), circuit, rows.test);
  return {
    fits,
    tuned,
    moved: trimmed.moved,
    validAccuracy: trimmed.validAccuracy,
    calibration: trimmed.calibration,
    behavioural: { before: await behavioural(printed), after: await behavioural(tuned) },
  };
}

/** Test accuracy of one sheet in ngspice, before and after its crossbars were tuned: as it truly is, and with its measured curves. */
export interface SheetResult {
  readonly sheet: number;
  readonly before: number;
  readonly after: number;
  readonly behavioural: { readonly before: number; readonly after: number };
  /** Largest distance of a stage's curve from the design, and of its fit from the curve, rms. */
  readonly stageVolts: number;
  readonly residualVolts: number;
}

/** Prints a sheet by computer, measures and tunes it, and compares with what it truly is. Sheets differ by `sheet`. */
export async function tuneSimulatedSheet(setup: TuningSetup, sheet: number): Promise<SheetResult> {
  const { circuit, technology, spread, seed } = setup;
  const { devices, curves } = simulateSheet(circuit.devices, technology, spread, seed + sheet);
  const { fits, tuned, behavioural } = await tuneSheet(setup, curves);
  const truth = { ...circuit, devices: devices.slice() };
  return {
    sheet,
    before: await testAccuracy(setup, truth),
    after: await testAccuracy(setup, { ...truth, devices: withCrossbars(devices, tuned.devices) }),
    behavioural,
    stageVolts: Math.max(...fits.map(({ designedVolts }) => designedVolts)),
    residualVolts: Math.max(...fits.map(({ residualVolts }) => residualVolts)),
  };
}
