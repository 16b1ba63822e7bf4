import { argmax, crossEntropy } from '@neuroprint/numeric';
import type { Block } from '../printed/rows.ts';
import type { Activation } from './activation.ts';
import {
  applyRule,
  entriesOf,
  type LayerSize,
  mapWeights,
  type PhysicalRule,
  pullBackRule,
  type WeightMap,
} from './weight-maps.ts';

/** A layer's rule: how its numbers become conductances and voltages. */
export interface PhysicalLayer extends LayerSize {
  readonly rule: PhysicalRule;
  readonly map: WeightMap;
  readonly activation: Activation;
  /** λ of λ·Σ_j (Σ_i g_ij − 1)², which keeps Σg of every node away from zero; 0 is none. */
  readonly lambda: number;
}

/** One print: what every entry's conductance is multiplied by, and every neuron's own curve. */
export interface PrintedCopy {
  /** Per conductance of all layers. */
  readonly factors: Float64Array;
  /** Per neuron of all layers, R_f/R of the op-amp that makes the negative conductances of its column. */
  readonly ratios: Float64Array;
  /** Per layer and neuron. */
  readonly activations: readonly (readonly Activation[])[];
}

/** Sums over the rows of an evaluation. */
export interface PhysicalTally {
  /** Mean squared distance of the outputs from the target of the class, or cross-entropy; without the penalty. */
  loss: number;
  /** λ·Σ (Σg − 1)². */
  penalty: number;
  right: number;
  rows: number;
}

/** What the outputs are compared with. */
export type PhysicalLoss = 'l2' | 'cross-entropy';

interface LayerState {
  readonly g: Float64Array;
  readonly slope: Float64Array;
  readonly weights: Float64Array;
  readonly offsets: Float64Array;
  readonly totals: Float64Array;
  readonly byWeights: Float64Array;
  readonly byOffsets: Float64Array;
  readonly byG: Float64Array;
  /** Node volts, outputs and slopes [neurons × rows of the largest block]. */
  readonly nodes: Float64Array;
  readonly outputs: Float64Array;
  readonly slopes: Float64Array;
  readonly below: Float64Array;
}

/**
 * A network of layers v = rule(g, v_below), y = activation(v), whose last outputs are read against one target a class: the bias at the
 * class's own output and 0 V at the others (the nearest target is the largest output). All trained numbers are one flat vector, layer after
 * layer [(inputs + 2) × neurons], then ln T, the temperature of the cross-entropy, T in 1 over the bias volts. `biasVolts`: 1 V in the published networks, which have
 * no supply.
 */
export class PhysicalModel {
  readonly layers: readonly PhysicalLayer[];
  readonly size: number;
  readonly #states: readonly LayerState[];
  readonly #loss: PhysicalLoss;
  readonly #biasVolts: number;

  constructor(layers: readonly PhysicalLayer[], loss: PhysicalLoss, blockRows: number, biasVolts = 1) {
    this.layers = layers;
    this.#loss = loss;
    this.#biasVolts = biasVolts;
    this.size = layers.reduce((sum, layer) => sum + entriesOf(layer), 1);
    this.#states = layers.map((layer) => {
      const { inputs, neurons } = layer;
      const entries = entriesOf(layer);
      return {
        g: new Float64Array(entries),
        slope: new Float64Array(entries),
        weights: new Float64Array(inputs * neurons),
        offsets: new Float64Array(neurons),
        totals: new Float64Array(neurons),
        byWeights: new Float64Array(inputs * neurons),
        byOffsets: new Float64Array(neurons),
        byG: new Float64Array(entries),
        nodes: new Float64Array(neurons * blockRows),
        outputs: new Float64Array(neurons * blockRows),
        slopes: new Float64Array(neurons * blockRows),
        below: new Float64Array(inputs * blockRows),
      };
    });
  }

  /** Σg of every node of every layer, of the parameters given last. */
  totals(): Float64Array[] {
    return this.#states.map(({ totals }) => totals.slice());
  }

  /** Conductances of every layer [(inputs + 2) × neurons], of the parameters given last. */
  conductances(): Float64Array[] {
    return this.#states.map(({ g }) => g.slice());
  }

  /** Takes parameters, as printed in one copy where one is given. */
  set(parameters: Float64Array, copy?: PrintedCopy): void {
    let at = 0;
    let neuron = 0;
    this.layers.forEach((layer, l) => {
      const { g, slope, weights, offsets, totals } = this.#states[l]!;
      const entries = entriesOf(layer);
      mapWeights(parameters.subarray(at, at + entries), layer.map, g, slope);
      if (copy !== undefined) {
        for (let k = 0; k < entries; k += 1) {
          const factor = copy.factors[at + k]! * (g[k]! < 0 ? copy.ratios[neuron + (k % layer.neurons)]! : 1);
          g[k]! *= factor;
          slope[k]! *= factor;
        }
      }
      applyRule(layer, layer.rule, g, weights, offsets, totals, this.#biasVolts);
      at += entries;
      neuron += layer.neurons;
    });
  }

  /** Outputs of a block of the parameters set last, column by column [classes × rows]; overwritten by the next call. */
  forward(block: Block, activations?: readonly (readonly Activation[])[]): Float64Array {
    let x = block.volts;
    this.layers.forEach((layer, l) => {
      const state = this.#states[l]!;
      const { inputs, neurons } = layer;
      const { rows } = block;
      for (let k = 0; k < neurons; k += 1) {
        const v = state.nodes.subarray(k * rows, (k + 1) * rows);
        v.fill(state.offsets[k]!);
        for (let i = 0; i < inputs; i += 1) {
          const w = state.weights[i * neurons + k]!;
          for (let r = 0, p = i * rows; r < rows; r += 1, p += 1) v[r]! += w * x[p]!;
        }
        const out = state.outputs.subarray(k * rows, (k + 1) * rows);
        (activations?.[l]?.[k] ?? layer.activation).apply(
          v,
          rows,
          out,
          state.slopes.subarray(k * rows, (k + 1) * rows),
        );
      }
      x = state.outputs;
    });
    return x;
  }

  /**
   * Loss of blocks of rows, with its mean over `rows`; where `gradient` is given, ∂(mean loss + penalty)/∂parameters is added to it.
   * `activations` may give every neuron a curve of its own (a printed copy).
   */
  evaluate(
    parameters: Float64Array,
    blocks: readonly Block[],
    gradient?: Float64Array,
    copy?: PrintedCopy,
  ): PhysicalTally {
    this.set(parameters, copy);
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
    const tally: PhysicalTally = { loss: 0, penalty: 0, right: 0, rows };
    const temperature = Math.exp(parameters[this.size - 1]!) / this.#biasVolts;
    for (const state of this.#states) {
      state.byWeights.fill(0);
      state.byOffsets.fill(0);
      state.byG.fill(0);
    }
    let byLogTemperature = 0;
    for (const block of blocks) {
      const outputs = this.forward(block, copy?.activations);
      const classes = this.layers.at(-1)!.neurons;
      // the outputs' memory becomes ∂L/∂outputs
      byLogTemperature += this.#compare(outputs, block, classes, temperature, 1 / rows, tally);
      if (gradient !== undefined) this.#backward(block);
    }
    if (gradient !== undefined) gradient[this.size - 1]! += byLogTemperature;
    this.#collect(tally, gradient);
    return tally;
  }

  #compare(
    outputs: Float64Array,
    { rows, labels, weights }: Block,
    classes: number,
    temperature: number,
    share: number,
    tally: PhysicalTally,
  ): number {
    let byLogTemperature = 0;
    const [volts, slopes] = [new Float64Array(classes), new Float64Array(classes)];
    for (let r = 0; r < rows; r += 1) {
      const label = labels[r]!;
      if (argmax(outputs, r, classes, rows) === label) tally.right += 1;
      const weight = share * weights[r]!;
      if (this.#loss === 'l2') {
        for (let c = 0; c < classes; c += 1) {
          // in units of the bias
          const error = outputs[c * rows + r]! / this.#biasVolts - (c === label ? 1 : 0);
          tally.loss += weight * error * error;
          outputs[c * rows + r] = (2 * weight * error) / this.#biasVolts;
        }
        continue;
      }
      for (let c = 0; c < classes; c += 1) volts[c] = outputs[c * rows + r]!;
      tally.loss += weight * crossEntropy(volts, label, temperature, slopes, weight);
      for (let c = 0; c < classes; c += 1) {
        byLogTemperature += slopes[c]! * volts[c]!;
        outputs[c * rows + r] = slopes[c]!;
      }
    }
    return byLogTemperature;
  }

  #backward({ volts, rows }: Block): void {
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const state = this.#states[l]!;
      const { inputs, neurons } = this.layers[l]!;
      const x = l === 0 ? volts : this.#states[l - 1]!.outputs;
      const delta = state.outputs;
      for (let at = 0; at < neurons * rows; at += 1) delta[at]! *= state.slopes[at]!;
      const { below } = state;
      if (l > 0) below.fill(0, 0, inputs * rows);
      for (let k = 0; k < neurons; k += 1) {
        let sum = 0;
        for (let r = 0, q = k * rows; r < rows; r += 1, q += 1) sum += delta[q]!;
        state.byOffsets[k]! += sum;
        for (let i = 0; i < inputs; i += 1) {
          const w = state.weights[i * neurons + k]!;
          let product = 0;
          if (l === 0)
            for (let r = 0, p = i * rows, q = k * rows; r < rows; r += 1, p += 1, q += 1) product += delta[q]! * x[p]!;
          else
            for (let r = 0, p = i * rows, q = k * rows; r < rows; r += 1, p += 1, q += 1) {
              product += delta[q]! * x[p]!;
              below[p]! += delta[q]! * w;
            }
          state.byWeights[i * neurons + k]! += product;
        }
      }
      if (l > 0) this.#states[l - 1]!.outputs.set(below.subarray(0, inputs * rows));
    }
  }

  /** Adds the penalty, and pulls the gradient back to the parameters. */
  #collect(tally: PhysicalTally, gradient: Float64Array | undefined): void {
    let at = 0;
    this.layers.forEach((layer, l) => {
      const { g, slope, weights, offsets, totals, byWeights, byOffsets, byG } = this.#states[l]!;
      const entries = entriesOf(layer);
      for (const total of totals) tally.penalty += layer.lambda * (total - 1) ** 2;
      if (gradient !== undefined) {
        pullBackRule(layer, layer.rule, weights, offsets, totals, byWeights, byOffsets, byG, this.#biasVolts);
        for (let k = 0; k < g.length; k += 1) {
          const byTotal = 2 * layer.lambda * (totals[k % layer.neurons]! - 1);
          gradient[at + k]! += (byG[k]! + byTotal) * slope[k]!;
        }
      }
      at += entries;
    });
  }
}
