import { Draws, type PortTable, UsageError } from '@neuroprint/core';
import { dividerRows } from './divider.ts';
import { feature, featureMatrix } from './features.ts';
import { type FitProblem, fitProblem } from './fit.ts';
import { storedLayers } from './layers.ts';
import { channelInputs, PORT_COORDINATES, type PortContent, PortModel } from './port.ts';
import { type PortStructure, type PortTopology, portStructure } from './port-structure.ts';
import { LEAST_ROWS } from './sample-table.ts';
import { columnScale } from './scaling.ts';

const ADAM_STEPS = 6000;
const BFGS_ITERATIONS = 1500;
const HIDDEN = 20;
/** Working points that are learnt; more where the channel depends on component values too. */
const POINTS = 12_000;
const POINTS_PER_FEATURE = 4000;
/** A load that draws a current I has at least I/1 V of conductance. */
const LOAD_VOLTS = 1;
const MILLIVOLT = 1e-3;
/** A channel that conducts less than this share of its loads says nothing about its conductance. */
const SAYS_NOTHING = 1e-3;
/** And so does one with less than this across it. */
const LEAST_VOLTS = 1e-3;

export interface PortTrainOptions {
  /** Decides split, starting weights and points: the same seed and table give the same bytes. */
  readonly seed: number;
  /** Share of the usual steps: less for a look. */
  readonly effort?: number;
  /** Hears of the mean squared error of validation points, in mV². */
  readonly onProgress?: (validationError: number) => void;
}

/**
 * Trains a port model on two-dimensional sweeps. The error that counts is that of a loaded drain's voltage,
 * ΔI/(∂I/∂v + |I|/1 V). Designs are split as for a surrogate: 80 % training, 10 % validation (early stopping), 10 % test.
 * Throws UsageError for a cell that has no port model (see portStructure) and for fewer than 50 designs.
 */
export function trainPort(
  table: PortTable,
  topology: PortTopology,
  { seed, effort = 1, onProgress = () => {} }: PortTrainOptions,
): PortContent {
  const structure = portStructure(topology);
  const designs = table.values.length / table.parameters.length;
  if (designs < LEAST_ROWS) {
    throw new UsageError(
      `A port model needs at least ${LEAST_ROWS} designs, and there are ${designs} of ${table.technology}/${table.cell}.`,
      'Sample more designs.',
    );
  }
  const order = new Draws(seed, 'surrogate-split').permutation(0, designs);
  const tenth = Math.round(designs / 10);
  const parts = {
    train: order.subarray(2 * tenth),
    valid: order.subarray(tenth, 2 * tenth),
    test: order.subarray(0, tenth),
  };
  const features = structure.ratios.map(feature);
  const names = table.parameters.map(({ name }) => name);
  const wanted = POINTS + POINTS_PER_FEATURE * features.length;
  const chosen = workingPoints(table, structure, parts.train, wanted, seed);
  const raw = featureMatrix(features, names, chosen.logs, chosen.rows);
  const scales = features.map((_, f) => columnScale(raw, features.length, f, false));
  const width = features.length + PORT_COORDINATES;
  const base = {
    inputHashes: { samples: table.hash },
    technology: table.technology,
    cell: table.cell,
    parameters: table.parameters,
    constraints: table.constraints,
    elements: structure.elements,
    supplyVolts: topology.supplyVolts,
    features,
    featureMean: scales.map(({ mean }) => mean),
    featureStd: scales.map(({ std }) => std),
  };
  const volts = inputsOf({ ...base, coordinates: [0, 1].map(() => ({ mean: 0, std: 1 })) }, structure, chosen);
  const coordinates = [0, 1].map((k) => {
    const { mean, std } = columnScale(volts.inputs, width, features.length + k, false);
    return { mean, std };
  });
  const scaled = { ...base, coordinates, output: conductanceScale(chosen, volts.over) };
  const problem = (points: WorkingPoints): FitProblem => {
    const { inputs, over } = inputsOf(scaled, structure, points);
    const { mean, std } = scaled.output;
    const loss = (outputs: Float64Array, rows?: Int32Array) => {
      let total = 0;
      for (let i = 0; i < outputs.length; i += 1) {
        const row = rows?.[i] ?? i;
        const channel = points.shape[row]! * over[row]! * Math.exp(Math.min(0, mean + std * outputs[i]!));
        const weight = 1 / (points.siemens[row]! * MILLIVOLT);
        const error = weight * (channel - points.amperes[row]!);
        total += error * error;
        outputs[i] = (2 * error * weight * channel * std) / outputs.length;
      }
      return total / outputs.length;
    };
    return { inputs, rows: points.rows, loss };
  };
  const valid = workingPoints(table, structure, parts.valid, wanted / 4, seed);
  const sizes = [width, HIDDEN, HIDDEN, 1];
  const plan = { adamSteps: effort * ADAM_STEPS, bfgsIterations: effort * BFGS_ITERATIONS, sizes, seed };
  const fit = fitProblem(problem(chosen), problem(valid), plan, onProgress);
  const content = { ...scaled, layers: storedLayers(sizes, fit.parameters), trainedOn: { designs, seed } };
  return { ...content, test: testPort(content, table, parts.test) };
}

/** Points of any channel of the cell at known volts, with the current of the transistor alone. */
interface WorkingPoints {
  readonly rows: number;
  readonly logs: Float64Array;
  readonly channel: Int32Array;
  readonly gateVolts: Float64Array;
  readonly drainVolts: Float64Array;
  readonly amperes: Float64Array;
  /** W/L. */
  readonly shape: Float64Array;
  /** Conductance of the loads, and what a current error is divided by. */
  readonly loads: Float64Array;
  readonly siemens: Float64Array;
}

/** As many points as wanted, the same number of every design, drawn without order; channels alike. */
function workingPoints(
  table: PortTable,
  { channels }: PortStructure,
  designs: Int32Array,
  wanted: number,
  seed: number,
): WorkingPoints {
  const { points, inputPoints } = table;
  const draws = new Draws(seed, 'port-points');
  const names = table.parameters.map(({ name }) => name);
  const each = Math.min(points, Math.ceil(wanted / designs.length));
  const rows = designs.length * each;
  const numbers = () => new Float64Array(rows);
  const data = {
    rows,
    logs: new Float64Array(rows * names.length),
    channel: new Int32Array(rows),
    gateVolts: numbers(),
    drainVolts: numbers(),
    amperes: numbers(),
    shape: numbers(),
    loads: numbers(),
    siemens: numbers(),
  };
  designs.forEach((design, d) => {
    const order = draws.permutation(design, points);
    const logs = table.values.subarray(design * names.length, (design + 1) * names.length).map(Math.log);
    const ohms = (name: string) => Math.exp(logs[names.indexOf(name)]!);
    for (let i = 0; i < each; i += 1) {
      const row = d * each + i;
      const inside = order[i]!;
      const at = design * points + inside;
      // every channel has its turn; the output's is the last one
      const k = row % channels.length;
      const channel = channels[k]!;
      const isOutput = k === channels.length - 1;
      const drain = isOutput ? table.outputVolts : table.drainVolts[channel.drain]!;
      const gate =
        typeof channel.gate === 'number'
          ? table.drainVolts[channels[channel.gate]!.drain]![at]!
          : dividerRows(channel.gate, names, logs, table.inputVolts.subarray(at, at + 1)).volts[0]!;
      const v = drain[at]!;
      const load = channel.loads.reduce((sum, end) => sum + (v - end.volts) / ohms(end.ohms), 0);
      const loads = channel.loads.reduce((sum, end) => sum + 1 / ohms(end.ohms), 0);
      const below = inside >= inputPoints ? at - inputPoints : at;
      const above = inside + inputPoints < points ? at + inputPoints : at;
      const total = isOutput ? table.outputAmperes : undefined;
      const slope = total === undefined ? loads : (total[above]! - total[below]!) / (drain[above]! - drain[below]!);
      data.logs.set(logs, row * names.length);
      data.channel[row] = k;
      data.gateVolts[row] = gate;
      data.drainVolts[row] = v;
      data.amperes[row] = (total?.[at] ?? 0) - load;
      data.shape[row] = ohms(channel.width) / ohms(channel.length);
      data.loads[row] = loads;
      data.siemens[row] = slope + Math.abs(total?.[at] ?? 0) / LOAD_VOLTS;
    }
  });
  return data;
}

/** Inputs of the network for points of all channels. */
function inputsOf(
  port: Parameters<typeof channelInputs>[0],
  { channels }: PortStructure,
  { logs, channel, gateVolts, drainVolts, rows }: WorkingPoints,
): { readonly inputs: Float64Array; readonly over: Float64Array } {
  const of = channels.map((one) => channelInputs(port, one, logs, gateVolts, drainVolts));
  const { inputs, over } = of[0]!;
  const width = inputs.length / rows;
  for (let row = 0; row < rows; row += 1) {
    const own = of[channel[row]!]!;
    inputs.set(own.inputs.subarray(row * width, (row + 1) * width), row * width);
    over[row] = own.over[row]!;
  }
  return { inputs, over };
}

/** Mean and standard deviation of ln(conductance for W/L = 1) over the points that say something about it. */
function conductanceScale(points: WorkingPoints, over: Float64Array): { mean: number; std: number } {
  const logs = [...points.amperes].flatMap((amperes, row) => {
    const siemens = Math.abs(over[row]!) > LEAST_VOLTS ? amperes / over[row]! : 0;
    return siemens > SAYS_NOTHING * points.loads[row]! ? [Math.log(siemens / points.shape[row]!)] : [];
  });
  const mean = logs.reduce((sum, y) => sum + y, 0) / logs.length;
  return { mean, std: Math.sqrt(logs.reduce((sum, y) => sum + (y - mean) ** 2, 0) / logs.length) || 1 };
}

/** The error of a loaded output's volts at every point of the designs. */
function testPort(content: Omit<PortContent, 'test'>, table: PortTable, designs: Int32Array): PortContent['test'] {
  const model = PortModel.of({ ...content, test: { points: 0, rmsVolts: 0, p99Volts: 0, largestVolts: 0 } });
  const { points, inputPoints } = table;
  const width = table.parameters.length;
  const errors = [...designs].flatMap((design) => {
    const part = (data: Float64Array) => data.subarray(design * points, (design + 1) * points);
    const one = table.values.subarray(design * width, (design + 1) * width).map(Math.log);
    const logs = Float64Array.from({ length: points * width }, (_, i) => one[i % width]!);
    const [volts, amperes] = [part(table.outputVolts), part(table.outputAmperes)];
    const { value } = model.currents(logs, part(table.inputVolts), volts);
    return [...value].map((current, i) => {
      const below = Math.max(i % inputPoints, i - inputPoints);
      const above = Math.min(points - inputPoints + (i % inputPoints), i + inputPoints);
      const slope = (amperes[above]! - amperes[below]!) / (volts[above]! - volts[below]!);
      return Math.abs(current - amperes[i]!) / (slope + Math.abs(amperes[i]!) / LOAD_VOLTS);
    });
  });
  errors.sort((a, b) => a - b);
  return {
    points: errors.length,
    rmsVolts: Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length),
    p99Volts: errors[Math.floor(0.99 * errors.length)]!,
    largestVolts: errors.at(-1)!,
  };
}
