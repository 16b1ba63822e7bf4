import type { Draws, Variation } from '@neuroprint/core';
import type { Component, FlatCircuit } from '../ir/flatten.ts';
import { dependsOnValue, drawnFactor, OPEN_FACTOR, SHORT_FACTOR, valueFactor } from './factor.ts';
import { cutNormalQuantile, factorParts, fallsOn } from './model.ts';

/** Random numbers of a sheet as a whole: drift of resistors, drift of transistors, direction of the gradient. */
const SHEET_NUMBERS = 3;

/**
 * One printed copy of a circuit: every component value times a factor of its own; of a crossbar resistor the conductance
 * is what varies. A number s means factors 1 + s·u, u uniform in [−1, 1]; a model is what network.json says of it. `index`
 * names the copy: component k uses draw k of it, the sheet the draws after the components, stuck resistors the next and
 * non-idealities those that follow, so that any simulator that is given the copy's values simulates the same circuit.
 */
export function variedValues(
  flat: FlatCircuit,
  values: Float64Array,
  draws: Draws,
  index: number,
  variation: number | Variation,
  out: Float64Array,
): void {
  draws.fillUniform(index, out);
  if (typeof variation === 'number' || isIndependentUniform(variation)) {
    const spread = typeof variation === 'number' ? variation : variation.relativeSpread;
    for (let k = 0; k < out.length; k += 1) out[k] = 1 + spread * (2 * out[k]! - 1);
  } else {
    baseFactors(flat, variation, draws, index, out);
  }
  if (typeof variation !== 'number') furtherFactors(flat, values, variation, draws, index, out);
  for (let k = 0; k < out.length; k += 1)
    out[k] = isCrossbar(flat.components[k]!) ? values[k]! / out[k]! : values[k]! * out[k]!;
}

function isIndependentUniform(model: Variation): boolean {
  return (
    model.kind === 'uniform' &&
    model.resistorSpread === undefined &&
    model.transistorSpread === undefined &&
    !model.commonShare &&
    !model.gradientShare
  );
}

function isCrossbar(component: Component): boolean {
  return component.parameter === 'ohms';
}

/** v = √(1 − c − g)·own + √c·drift of the class + √g·gradient, as in the training's prints. */
function baseFactors(flat: FlatCircuit, model: Variation, draws: Draws, index: number, out: Float64Array): void {
  const { kind, commonShare = 0, gradientShare = 0 } = model;
  const numberOf = (u: number): number => (kind === 'uniform' ? 2 * u - 1 : cutNormalQuantile(u));
  const own = Math.sqrt(1 - commonShare - gradientShare);
  const common = Math.sqrt(commonShare);
  const slope = Math.sqrt(gradientShare) * (kind === 'uniform' ? 1 : Math.sqrt(3));
  const sheet = Array.from({ length: SHEET_NUMBERS }, (_, k) => draws.uniform(index, out.length + k));
  const angle = 2 * Math.PI * sheet[2]!;
  const places = gradientShare > 0 ? componentPlaces(flat) : undefined;
  for (let k = 0; k < out.length; k += 1) {
    const transistor = flat.components[k]!.unit === 'metres' ? 1 : 0;
    const spread = (transistor === 1 ? model.transistorSpread : model.resistorSpread) ?? model.relativeSpread;
    let v = own * numberOf(out[k]!) + common * numberOf(sheet[transistor]!);
    if (places !== undefined) v += slope * (Math.cos(angle) * places.x[k]! + Math.sin(angle) * places.y[k]!);
    out[k] = kind === 'lognormal' ? Math.exp(spread * v) : Math.max(OPEN_FACTOR, 1 + spread * v);
  }
}

/** Where components lie, −1..1: layers and columns from left to right, rows from bottom to top. */
export function componentPlaces(flat: FlatCircuit): { readonly x: Float64Array; readonly y: Float64Array } {
  const origins = flat.components.map(({ origin }) => origin);
  const most = (of: (origin: Component['origin']) => number): number => Math.max(0, ...origins.map(of)) + 1;
  const [layers, rows, columns] = [most((o) => o.layer), most((o) => o.row ?? 0), most((o) => o.column ?? 0)];
  return {
    x: Float64Array.from(origins, (o) => (2 * (o.layer + ((o.column ?? 0) + 1) / (columns + 1))) / layers - 1),
    y: Float64Array.from(origins, (o) => (2 * ((o.row ?? rows - 1) + 0.5)) / rows - 1),
  };
}

/** Stuck resistors, then every non-ideality of the list, multiplied into `factors`. */
function furtherFactors(
  flat: FlatCircuit,
  values: Float64Array,
  model: Variation,
  draws: Draws,
  index: number,
  factors: Float64Array,
): void {
  const count = factors.length;
  const { stuckOpen = 0, stuckShort = 0 } = model;
  let minor = count + SHEET_NUMBERS;
  if (stuckOpen + stuckShort > 0) {
    for (let k = 0; k < count; k += 1) {
      if (!isCrossbar(flat.components[k]!)) continue;
      const u = draws.uniform(index, minor + k);
      if (u < stuckOpen) factors[k] = OPEN_FACTOR;
      else if (u < stuckOpen + stuckShort) factors[k] = SHORT_FACTOR;
    }
  }
  const { minOhms, maxOhms } = flat.technology.crossbar;
  const range = { min: 1 / maxOhms, max: 1 / minOhms };
  for (const part of factorParts(model)) {
    minor += count;
    const largest = dependsOnValue(part) ? largestByLayer(flat, values) : [];
    for (let k = 0; k < count; k += 1) {
      const component = flat.components[k]!;
      const crossbar = isCrossbar(component);
      if (!fallsOn(part, crossbar ? 'crossbar' : 'stage')) continue;
      factors[k]! *= drawnFactor(part, draws.uniform(index, minor + k), !crossbar);
      if (dependsOnValue(part))
        factors[k]! *= valueFactor(part, 1 / values[k]!, range, largest[component.origin.layer]!);
    }
  }
}

function largestByLayer(flat: FlatCircuit, values: Float64Array): number[] {
  const largest: number[] = [];
  flat.components.forEach((component, k) => {
    if (!isCrossbar(component)) return;
    const { layer } = component.origin;
    largest[layer] = Math.max(largest[layer] ?? 0, 1 / values[k]!);
  });
  return largest;
}
