import { findCell, type Technology } from '@neuroprint/circuit';
import { type Eta, type InputRange, inputVolts, type NetworkLayer, UsageError } from '@neuroprint/core';
import type { CurveModel } from '../printed/curve.ts';
import { StageSpace } from '../printed/layer/components.ts';
import { ACTIVATION_CELL, FALLING_CELL } from '../printed/problem.ts';
import { type Design, designsOf, type StageDesigns } from './designs.ts';
import type { DenseLayer } from './perceptron.ts';

const LINE_POINTS = 21;
/** Volts·η₄ on both sides of the midpoint that the last layer uses: tanh keeps the order of outputs apart there. */
const LAST_REACH = 1.5;

/** A perceptron as a printed network, and how far its stages are from the functions that they stand for. */
export interface PrintedPerceptron {
  readonly layers: readonly NetworkLayer[];
  /** Of each layer: the largest share of its activations' slope that its columns keep; 1 is exact. The last one has none. */
  readonly gains: readonly number[];
  /** Of each layer: rms distance in volts of its falling stages from a straight line over the volts that they see. */
  readonly inverterRmsVolts: readonly number[];
}

/** v_out ≈ start − slope·v_in of a falling stage. */
interface Line {
  readonly design: Design;
  readonly start: number;
  readonly slope: number;
  readonly rmsVolts: number;
}

/** x_i = shift_i + scale_i·v_i: what the perceptron takes, from the volts that the layer gets. */
interface Meaning {
  readonly shift: readonly number[];
  readonly scale: readonly number[];
  readonly low: number;
  readonly high: number;
}

/**
 * A perceptron → a network with the node rule `inverter`. With a column's conductances as shares ĝ of their sum the node is
 * z = Σ₊ ĝ·v + Σ₋ ĝ·inv(v) + ĝ_bias·V_bias, so a pre-activation a = Σ w·x + b becomes z = η₃ + κ·a with ĝ = κ·w for positive
 * weights, κ·|w|/slope for negative ones (inv(v) ≈ start − slope·v), and the bias what is missing. κ = 1/η₄ makes the stage
 * tanh(a), 1/(2η₄) a sigmoid; where the shares would exceed 1 κ is smaller, and the column keeps a share of its slope.
 * A stage's output means (y − η₁)/η₂ to the next layer. A start for training, not an equivalent: falling stages are curves.
 *
 * Throws UsageError where curves and cells do not fit, and where no stage does.
 */
export function printPerceptron(
  perceptron: readonly DenseLayer[],
  inputs: readonly InputRange[],
  technology: Technology,
  curves: { readonly falling: CurveModel; readonly activation: CurveModel },
  relativeSpread: number,
): PrintedPerceptron {
  if (perceptron[0]!.weights.length !== inputs.length) {
    throw new UsageError(
      `The model takes ${perceptron[0]!.weights.length} features, and there are ${inputs.length}.`,
      'Give the table that it was trained on.',
    );
  }
  const space = (cell: string, curve: CurveModel) => new StageSpace(findCell(technology, cell), curve, relativeSpread);
  const grounds = {
    falling: designsOf(space(FALLING_CELL, curves.falling)),
    activation: designsOf(space(ACTIVATION_CELL, curves.activation)),
  };
  const printed = printWith(perceptron, inputs, technology, grounds);
  if (printed !== undefined) return printed;
  throw new UsageError(
    `No stages of the technology ${technology.name} follow a perceptron: its falling stage must fall, and its activation turn, between ground and the bias.`,
    'Train a network on the table instead.',
  );
}

/** `printPerceptron` with stages among given designs; undefined where none of them will do. */
export function printWith(
  perceptron: readonly DenseLayer[],
  inputs: readonly InputRange[],
  technology: Technology,
  { falling, activation }: StageDesigns,
): PrintedPerceptron | undefined {
  const crossbar = {
    smallest: 1 / technology.crossbar.maxOhms,
    largest: 1 / technology.crossbar.minOhms,
    biasVolts: technology.bias.volts,
  };
  let meaning: Meaning = {
    shift: inputs.map((input) => input.minimum - perVolt(input) * inputVolts(input).minimum),
    scale: inputs.map(perVolt),
    low: Math.min(...inputs.map((input) => inputVolts(input).minimum)),
    high: Math.max(...inputs.map((input) => inputVolts(input).maximum)),
  };
  const { biasVolts } = crossbar;
  // the midpoint of a stage must be a voltage that a column can have
  const usable = activation.filter(({ eta }) => eta[2] > 0.1 * biasVolts && eta[2] < 0.9 * biasVolts);
  if (usable.length === 0) return undefined;
  const found: (ReturnType<typeof printLayer> & Pick<Line, 'rmsVolts'>)[] = [];
  for (const layer of perceptron) {
    const line = straightest(falling, meaning.low, meaning.high);
    if (line === undefined) return undefined;
    const printed = printLayer(layer, meaning, line, usable, crossbar);
    const [e1, e2] = printed.design.eta;
    const sigmoid = layer.activation === 'sigmoid';
    meaning = {
      shift: layer.biases.map(() => (sigmoid ? 0.5 - e1 / (2 * e2) : -e1 / e2)),
      scale: layer.biases.map(() => (sigmoid ? 1 / (2 * e2) : 1 / e2)),
      low: e1 - e2,
      high: e1 + e2,
    };
    found.push({ ...printed, rmsVolts: line.rmsVolts });
  }
  return {
    layers: found.map(({ layer }) => layer),
    gains: found.map(({ gain }) => gain),
    inverterRmsVolts: found.map(({ rmsVolts }) => rmsVolts),
  };
}

/** What a volt of an input means of its feature. */
function perVolt(input: InputRange): number {
  const volts = inputVolts(input);
  return (input.maximum - input.minimum) / (volts.maximum - volts.minimum);
}

/** The falling stage that is nearest to a falling straight line from `low` to `high`, relative to what it swings. */
function straightest(designs: readonly Design[], low: number, high: number): Line | undefined {
  const lines = designs.map((design) => lineOf(design, low, high)).filter(({ slope }) => slope > 0);
  return lines.sort((a, b) => a.rmsVolts / a.slope - b.rmsVolts / b.slope)[0];
}

function lineOf(design: Design, low: number, high: number): Line {
  const [e1, e2, e3, e4] = design.eta;
  const middle = (low + high) / 2;
  const points = Array.from({ length: LINE_POINTS }, (_, i) => {
    const v = low + ((high - low) * i) / (LINE_POINTS - 1);
    return { v, out: -(e1 + e2 * Math.tanh((v - e3) * e4)) };
  });
  const mean = points.reduce((sum, { out }) => sum + out, 0) / LINE_POINTS;
  const square = points.reduce((sum, { v }) => sum + (v - middle) ** 2, 0);
  const slope = -points.reduce((sum, { v, out }) => sum + (v - middle) * out, 0) / square;
  const start = mean + slope * middle;
  const errors = points.reduce((sum, { v, out }) => sum + (out - start + slope * v) ** 2, 0);
  return { design, start, slope, rmsVolts: Math.sqrt(errors / LINE_POINTS) };
}

/** A column before its κ: shares per κ of its inputs (signed), what they and the bias move the node by per κ, and their sum. */
interface Column {
  readonly shares: readonly number[];
  readonly sum: number;
  readonly offset: number;
  /** Half of the span of a over the input range. */
  readonly reach: number;
}

function columnOf(
  { weights, biases }: DenseLayer,
  k: number,
  { shift, scale, low, high }: Meaning,
  line: Line,
): Column {
  const perVolt = weights.map((row, i) => row[k]! * scale[i]!);
  const shares = perVolt.map((w) => (w < 0 ? w / line.slope : w));
  const constant = weights.reduce((sum, row, i) => sum + row[k]! * shift[i]!, biases[k]!);
  const inverted = shares.reduce((sum, share) => sum + Math.max(0, -share) * line.start, 0);
  return {
    shares,
    sum: shares.reduce((sum, share) => sum + Math.abs(share), 0),
    offset: constant - inverted,
    reach: (perVolt.reduce((sum, w) => sum + Math.abs(w), 0) * (high - low)) / 2,
  };
}

/** The largest κ at which neither bias nor pull-down is negative; the node's midpoint is `middle`. */
function largestScale({ sum, offset }: Column, middle: number, biasVolts: number): number {
  return Math.min(
    offset < 0 ? middle / -offset : Number.POSITIVE_INFINITY,
    sum + offset / biasVolts > 0 ? (1 - middle / biasVolts) / (sum + offset / biasVolts) : Number.POSITIVE_INFINITY,
  );
}

function printLayer(
  layer: DenseLayer,
  meaning: Meaning,
  line: Line,
  activations: readonly Design[],
  { smallest, largest, biasVolts }: { readonly smallest: number; readonly largest: number; readonly biasVolts: number },
): { readonly layer: NetworkLayer; readonly gain: number; readonly design: Design } {
  const columns = layer.biases.map((_, k) => columnOf(layer, k, meaning, line));
  const wanted = (eta: Eta) => {
    if (layer.activation !== 'none') return 1 / (layer.activation === 'sigmoid' ? 2 * eta[3] : eta[3]);
    return LAST_REACH / (eta[3] * Math.max(1e-9, ...columns.map(({ reach }) => reach)));
  };
  const gainsOf = ({ eta }: Design) =>
    columns.map((column) => Math.min(1, largestScale(column, eta[2], biasVolts) / wanted(eta)));
  // among those that keep the slope a wide and gentle one: a steep stage turns every deviation into a decision
  const score = (design: Design) => Math.min(...gainsOf(design)) + 0.01 * design.eta[1] - 0.005 * design.eta[3];
  const design = activations.reduce((a, b) => (score(b) > score(a) ? b : a));
  const gains = gainsOf(design);
  const least = Math.min(...gains);
  const middle = design.eta[2];
  const printed = columns.map((column, k) => {
    // the outputs of the last layer are compared, so they keep one scale
    const scale = wanted(design.eta) * (layer.activation === 'none' ? least : gains[k]!);
    const bias = Math.max(0, middle + scale * column.offset) / biasVolts;
    const down = Math.max(0, 1 - scale * column.sum - bias);
    const shares = [...column.shares.map((share) => scale * share), bias, down];
    const top = Math.max(...shares.map(Math.abs));
    return shares.map((share) => {
      const magnitude = (Math.abs(share) * largest) / top;
      return magnitude < smallest / 2 ? 0 : Math.sign(share) * Math.max(smallest, magnitude);
    });
  });
  return {
    layer: {
      nodeRule: 'inverter',
      conductancesSiemens: printed[0]!.map((_, row) => printed.map((column) => column[row]!)),
      activationStages: [design.stage],
      fallingStages: [line.design.stage],
    },
    gain: least,
    design,
  };
}
