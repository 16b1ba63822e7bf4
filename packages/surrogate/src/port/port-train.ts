import { Draws, type PortTable, UsageError } from '@neuroprint/core';
import { dividerRows } from '../eta/divider.ts';
import { LEAST_ROWS } from '../eta/sample-table.ts';
import { type PortContent, PortModel } from './port.ts';
import { type PortStructure, type PortTopology, portStructure } from './port-structure.ts';
import { fitSpline, type SplinePoints } from './spline-fit.ts';

/** Validation error at which it is fine enough, as a share of the bias: what the gain of two stages makes a thousandth of it. */
const TARGET = 1e-6;
/** A channel that conducts less than this share of its loads says nothing about its conductance. */
const SAYS_NOTHING = 1e-5;
/** And so does one with less than this share of the bias across it. */
const LEAST = 1e-3;
/** Fewer points with a current give no function. */
const LEAST_POINTS = 500;

export interface PortTrainOptions {
  /** Decides which designs train: the same seed and table give the same bytes. */
  readonly seed: number;
  /** Volts of the technology's bias, which the error is a share of. */
  readonly biasVolts: number;
  /** Hears of the rms error of validation points, in volts of a loaded drain. */
  readonly onProgress?: (validationVolts: number) => void;
}

/**
 * Fits a port model to two-dimensional sweeps. The error that counts is that of a loaded drain's voltage. Designs are split as
 * for a surrogate: 80 % training, 10 % validation (how fine the spline is), 10 % test. Throws UsageError for a cell that has
 * no port model (see portStructure), for fewer than 50 designs, and for transistors that hardly ever conduct.
 */
export function trainPort(
  table: PortTable,
  topology: PortTopology,
  { seed, biasVolts, onProgress = () => {} }: PortTrainOptions,
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
  const points = workingPoints(table, structure, order.subarray(2 * tenth), biasVolts);
  if (points.values.length < LEAST_POINTS) {
    throw new UsageError(
      `The transistors of ${table.technology}/${table.cell} conduct at ${points.values.length} points of these sweeps, and a port model needs ${LEAST_POINTS}.`,
      'Sample more designs, or check supplies and parameter ranges of the technology.',
    );
  }
  const valid = workingPoints(table, structure, order.subarray(tenth, 2 * tenth), biasVolts);
  const { first, second, coefficients } = fitSpline(points, valid, { target: TARGET * biasVolts, onRound: onProgress });
  const columns = second.length + 2;
  const content = {
    inputHashes: { samples: table.hash },
    technology: table.technology,
    cell: table.cell,
    parameters: table.parameters,
    constraints: table.constraints,
    elements: structure.elements,
    supplyVolts: topology.supplyVolts,
    channel: {
      gateSourceVolts: first,
      gateDrainVolts: second,
      coefficients: Array.from({ length: first.length + 2 }, (_, i) =>
        coefficients.slice(i * columns, (i + 1) * columns),
      ),
    },
    trainedOn: { designs, seed },
  };
  return { ...content, test: testPort(content, table, order.subarray(0, tenth), biasVolts) };
}

/**
 * ln(conductance for W/L = 1) of all transistors where they conduct, over the gate's volts above source and above drain. The
 * current out of a source follows from the drain's, and with it the volts of the source. Weighted by the volts that a drain
 * with its loads moves for an error of 1: I/(Σ g + I/v), v at most the bias.
 */
function workingPoints(
  table: PortTable,
  { channels }: PortStructure,
  designs: Int32Array,
  biasVolts: number,
): SplinePoints {
  const { points, inputPoints } = table;
  const names = table.parameters.map(({ name }) => name);
  const first: number[] = [];
  const second: number[] = [];
  const values: number[] = [];
  const weights: number[] = [];
  for (const design of designs) {
    const own = table.values.subarray(design * names.length, (design + 1) * names.length);
    const logs = own.map(Math.log);
    const value = (name: string) => own[names.indexOf(name)]!;
    channels.forEach((channel, k) => {
      const isOutput = k === channels.length - 1;
      const shape = value(channel.width) / value(channel.length);
      const loads = channel.loads.reduce((sum, { ohms }) => sum + 1 / value(ohms), 0);
      // the held output moves no inner drain: one round over the input tells all of it
      for (let at = design * points; at < design * points + (isOutput ? points : inputPoints); at += 1) {
        const divider = (from: typeof channel.source) =>
          dividerRows(from, names, logs, table.inputVolts.subarray(at, at + 1));
        const gate =
          typeof channel.gate === 'number'
            ? table.drainVolts[channels[channel.gate]!.drain]![at]!
            : divider(channel.gate).volts[0]!;
        const drain = (isOutput ? table.outputVolts : table.drainVolts[channel.drain]!)[at]!;
        const load = channel.loads.reduce((sum, { ohms, volts }) => sum + (drain - volts) / value(ohms), 0);
        const amperes = (isOutput ? table.outputAmperes[at]! : 0) - load;
        const source = divider(channel.source);
        const over = drain - (source.volts[0]! + source.ohms[0]! * amperes);
        if (Math.abs(over) < LEAST * biasVolts) continue;
        const siemens = amperes / over;
        if (siemens < SAYS_NOTHING * loads) continue;
        const size = Math.abs(amperes);
        first.push(gate - drain + over);
        second.push(gate - drain);
        values.push(Math.log(siemens / shape));
        weights.push(size / (loads + size / Math.min(biasVolts, Math.abs(over))));
      }
    });
  }
  const [a, b, y, w] = [first, second, values, weights].map((list) => Float64Array.from(list));
  return { first: a!, second: b!, values: y!, weights: w! };
}

/** The error of a loaded output's volts at every point of the designs. */
function testPort(
  content: Omit<PortContent, 'test'>,
  table: PortTable,
  designs: Int32Array,
  biasVolts: number,
): PortContent['test'] {
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
      return Math.abs(current - amperes[i]!) / (slope + Math.abs(amperes[i]!) / biasVolts);
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
