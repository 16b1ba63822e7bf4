import type { Draws, Variation } from '@neuroprint/core';
import type { Component, FlatCircuit } from '../ir/flatten.ts';
import { AGEING_OWN_NUMBERS, AGEING_SHEET_NUMBERS, ResistorAgeing } from './ageing.ts';
import { dependsOnValue, drawnFactor, valueFactor } from './factor.ts';
import { drawFaults } from './faults.ts';
import { SHEET_NUMBERS, uniformFactor, VariationLaw } from './law.ts';
import { factorParts, fallsOn } from './model.ts';
import { drawTransistors } from './transistors.ts';

/**
 * One printed copy of a circuit: every component value times a factor of its own; of a crossbar resistor the conductance
 * is what varies. A number s means factors 1 + s·u, u uniform in [−1, 1]; a model is what network.json says of it. `index`
 * names the copy: component k uses draw k of it, the sheet the draws after the components, stuck resistors the next and
 * non-idealities those that follow, its age, and last what the transistors of its sheet have in common, so that any simulator that is given the copy's values simulates the same circuit.
 * Returns the components whose values do not follow the nominal ones, because a part of theirs is broken.
 */
export function variedValues(
  flat: FlatCircuit,
  values: Float64Array,
  draws: Draws,
  index: number,
  variation: number | Variation,
  out: Float64Array,
): readonly number[] {
  draws.fillUniform(index, out);
  const law = new VariationLaw(
    typeof variation === 'number' ? { kind: 'uniform', relativeSpread: variation } : variation,
  );
  baseFactors(flat, law, draws, index, out);
  const left = furtherFactors(flat, values, law, draws, index, out);
  for (let k = 0; k < out.length; k += 1)
    out[k] = isCrossbar(flat.components[k]!) ? values[k]! / out[k]! : values[k]! * out[k]!;
  drawTransistors(flat, values, draws, index, left, law.model, out);
  return drawFaults(flat, values, draws, index, law.model, out);
}

function isCrossbar(component: Component): boolean {
  return component.parameter === 'ohms';
}

/** The law's factors in place of the uniform numbers of `out`. */
function baseFactors(flat: FlatCircuit, law: VariationLaw, draws: Draws, index: number, out: Float64Array): void {
  const transistors = flat.components.map(({ unit }) => (unit === 'metres' ? 1 : 0));
  if (law.isUniform) {
    for (let k = 0; k < out.length; k += 1) out[k] = uniformFactor(law.spread(transistors[k]!), out[k]!);
    return;
  }
  const numbers = Array.from({ length: SHEET_NUMBERS }, (_, k) => draws.uniform(index, out.length + k));
  const sheet = law.sheet(numbers);
  const { x, y } = componentPlaces(flat);
  for (let k = 0; k < out.length; k += 1) {
    const transistor = transistors[k]!;
    out[k] = law.factor(out[k]!, sheet, { spread: law.spread(transistor), transistor, x: x[k]!, y: y[k]! });
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

/** Stuck resistors, then every non-ideality of the list and age, multiplied into `factors`; returns the first number left. */
function furtherFactors(
  flat: FlatCircuit,
  values: Float64Array,
  law: VariationLaw,
  draws: Draws,
  index: number,
  factors: Float64Array,
): number {
  const count = factors.length;
  let minor = count + SHEET_NUMBERS;
  if (law.hasStuck)
    for (let k = 0; k < count; k += 1)
      if (isCrossbar(flat.components[k]!)) factors[k] = law.stuck(draws.uniform(index, minor + k)) ?? factors[k]!;
  const { minOhms, maxOhms } = flat.technology.crossbar;
  const range = { min: 1 / maxOhms, max: 1 / minOhms };
  for (const part of factorParts(law.model)) {
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
  age(flat, law, draws, index, minor + count, factors);
  return minor + count + AGEING_SHEET_NUMBERS + AGEING_OWN_NUMBERS * count;
}

/** Every resistor by its own law, at the day of the copy, from random numbers that begin at `first`. */
function age(
  flat: FlatCircuit,
  { model }: VariationLaw,
  draws: Draws,
  index: number,
  first: number,
  factors: Float64Array,
): void {
  if (model.ageing === undefined) return;
  const law = new ResistorAgeing(model.ageing);
  const numbers = new Float64Array(AGEING_SHEET_NUMBERS + AGEING_OWN_NUMBERS * factors.length);
  for (let k = 0; k < numbers.length; k += 1) numbers[k] = draws.uniform(index, first + k);
  const days = law.day(numbers[0]!);
  flat.components.forEach((component, k) => {
    if (component.unit !== 'ohms') return;
    const ratio = law.ratio(days, numbers, AGEING_SHEET_NUMBERS + AGEING_OWN_NUMBERS * k, 1);
    factors[k] = isCrossbar(component) ? factors[k]! / ratio : factors[k]! * ratio;
  });
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
