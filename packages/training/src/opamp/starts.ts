import type { Draws } from '@neuroprint/core';
import type { Block } from '../printed/rows.ts';
import type { PhysicalLayer } from './kirchhoff-model.ts';
import { entriesOf, type WeightMap } from './weight-maps.ts';

/** Spread of the conductances at the start, times 1/√inputs. */
export const START_SPREAD = 4;

/** θ of a conductance, as far as the map can reach it. */
function inverse(map: WeightMap, g: number): number {
  const inside = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));
  switch (map) {
    case 'free':
      return g;
    case 'tanh':
      return Math.atanh(inside(g, -0.95, 0.95));
    case 'sigmoid': {
      const share = inside(Math.abs(g), 0.05, 0.95);
      return Math.log(share / (1 - share));
    }
    case 'exp':
      return Math.log(Math.max(0.05, Math.abs(g)));
    default:
      return map satisfies never;
  }
}

/**
 * Random conductances; bias and pull-down such that every node has its mean near the layer's centre (0 V by default) and Σg = 1, or,
 * where nothing holds Σg (`anySign`), Σg = 1 or −1 at random.
 */
export function startOf(
  layers: readonly PhysicalLayer[],
  size: number,
  train: readonly Block[],
  random: Draws,
  restart: number,
  {
    spread: most,
    centres,
    anySign = () => false,
    biasVolts = 1,
  }: {
    readonly spread: number;
    readonly centres?: readonly number[];
    readonly anySign?: (layer: PhysicalLayer) => boolean;
    readonly biasVolts?: number;
  } = { spread: START_SPREAD },
): Float64Array {
  const x = new Float64Array(size);
  // in units of the bias volts
  let means = inputMeans(train, layers[0]!.inputs).map((volts) => volts / biasVolts);
  let at = 0;
  let minor = 0;
  layers.forEach((layer, l) => {
    const { inputs, neurons } = layer;
    const spread = most / Math.sqrt(inputs);
    const centre = (centres?.[l] ?? 0) / biasVolts;
    for (let k = 0; k < neurons; k += 1) {
      let current = 0;
      let total = 0;
      for (let i = 0; i < inputs; i += 1, minor += 1) {
        const g = spread * (2 * random.uniform(restart, minor) - 1);
        x[at + i * neurons + k] = inverse(layer.map, g);
        current += g * means[i]!;
        total += g;
      }
      const sum = anySign(layer) && random.uniform(restart, size + at + k) < 0.5 ? -1 : 1;
      x[at + inputs * neurons + k] = inverse(layer.map, centre * sum - current);
      x[at + (inputs + 1) * neurons + k] = inverse(layer.map, sum - centre * sum - (total - current));
    }
    means = new Float64Array(neurons).fill(0.5);
    at += entriesOf(layer);
  });
  return x;
}

function inputMeans(blocks: readonly Block[], inputs: number): Float64Array {
  const sums = new Float64Array(inputs);
  let rows = 0;
  for (const block of blocks) {
    const { volts } = block;
    rows += block.rows;
    for (let i = 0; i < inputs; i += 1) for (let r = 0; r < block.rows; r += 1) sums[i]! += volts[i * block.rows + r]!;
  }
  return sums.map((sum) => sum / rows);
}
