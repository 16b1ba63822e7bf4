import {
  AGEING_OWN_NUMBERS,
  AGEING_SHEET_NUMBERS,
  cutNormal,
  dependsOnValue,
  drawnFactor,
  factorParts,
  fallsOn,
  hasFaults,
  hasMeasuredTransistors,
  hasSeries,
  type Placed,
  ResistorAgeing,
  SHEET_NUMBERS,
  VariationLaw,
  valueFactor,
  type WidthSpread,
} from '@neuroprint/circuit';
import type { Draws, FactorPart, Variation } from '@neuroprint/core';
import { PrintedFaults, type StageFaults } from './broken.ts';
import { fillUniform, spreadUniform } from './kernel/random.ts';
import type { LayerShape } from './kernel/tensors.ts';
import type { CellWidths } from './layer/components.ts';
import { PrintedSeries } from './series.ts';

/** The factors of one layer: every printed instance draws for itself. */
export interface LayerFactors {
  /** Factor of every conductance [draws × (inputs + 2) × neurons]; rows: inputs, bias, pull-down. */
  readonly conductances: Float64Array;
  /** ln of the factor of every component of every falling stage [draws × inputs × parameters]. */
  readonly falling: Float64Array;
  /** ln of the factor of every component of every activation stage [draws × neurons × parameters]. */
  readonly activation: Float64Array;
}

/** Whether each parameter of a cell belongs to a resistor (`ohms`) or a transistor (`metres`). */
export interface CellUnits {
  readonly falling: readonly ('ohms' | 'metres')[];
  readonly activation: readonly ('ohms' | 'metres')[];
}

/** One array of factors, and what of it the law needs: who and where its entries are. */
interface Group {
  readonly values: Float64Array;
  readonly kind: 'conductances' | 'stages';
  /** Entry i of a print, as the law sees it. */
  readonly entries: readonly Placed[];
  /** Of every component of a stage, the measured strength that it stands for. */
  readonly widths: readonly (WidthSpread | undefined)[];
  readonly spread: Float64Array;
}

/** Prints of a network under a variation model. One object holds `draws` prints and is refilled in place. */
export class PrintedVariation {
  readonly draws: number;
  readonly model: Variation;
  readonly #law: VariationLaw;
  readonly layers: readonly LayerFactors[];
  /** What the prints have in series with their stages; unset where the model has no such part. */
  readonly series: PrintedSeries | undefined;
  /** The broken parts of the prints; unset where the model has none. */
  readonly faults: PrintedFaults | undefined;
  readonly #all: Float64Array;
  /** How many factors there are; further random numbers follow. */
  readonly #factors: number;
  /** Where the random numbers of the non-idealities begin. */
  readonly #partsAt: number;
  /** Where those of ageing begin. */
  readonly #ageAt: number;
  /** Where those of measured strengths begin: by kind those of each sheet, then each component's own. */
  readonly #widthsAt: number;
  readonly #kinds: number;
  /** Where those of faults begin. */
  readonly #faultsAt: number;
  readonly #groups: readonly Group[];

  /** Starts as `draws` exact prints (all factors 1). */
  constructor(
    shapes: readonly LayerShape[],
    units: CellUnits,
    draws: number,
    model: Variation,
    biasVolts: number,
    stageFaults: StageFaults,
    cellWidths?: CellWidths,
  ) {
    const widths = hasMeasuredTransistors(model) ? cellWidths : undefined;
    this.draws = draws;
    this.model = model;
    this.#law = new VariationLaw(model);
    this.series = hasSeries(model) ? new PrintedSeries(shapes, draws, model, biasVolts) : undefined;
    this.faults = hasFaults(model) ? new PrintedFaults(shapes, draws, model.faultRate!, stageFaults) : undefined;
    const groups = [
      ...shapes.map((shape, l) => crossbarGroup(shape, l, shapes.length, this.#law)),
      ...shapes.flatMap((shape, l) =>
        (['falling', 'activation'] as const).map((kind) =>
          stageGroup(shape, l, shapes.length, kind, units, this.#law, widths),
        ),
      ),
    ];
    this.#factors = groups.reduce((sum, { entries }) => sum + draws * entries.length, 0);
    const stuck = this.#law.hasStuck ? shapes.reduce((sum, s) => sum + draws * (s.inputs + 2) * s.neurons, 0) : 0;
    this.#partsAt = this.#factors + (this.#law.hasSheets ? SHEET_NUMBERS * draws : 0) + stuck;
    this.#ageAt = this.#partsAt + factorParts(model).length * this.#factors;
    const age = model.ageing === undefined ? 0 : AGEING_SHEET_NUMBERS * draws + AGEING_OWN_NUMBERS * this.#factors;
    this.#widthsAt = this.#ageAt + age;
    const kinds = [...(widths?.falling ?? []), ...(widths?.activation ?? [])].map((one) => (one?.kind ?? -1) + 1);
    this.#kinds = Math.max(0, ...kinds);
    this.#faultsAt = this.#widthsAt + (this.#kinds === 0 ? 0 : this.#kinds * draws + this.#factors);
    this.#all = new Float64Array(this.#faultsAt + (this.faults?.count ?? 0));
    let at = 0;
    this.#groups = groups.map((group) => {
      at += draws * group.entries.length;
      return { ...group, values: this.#all.subarray(at - draws * group.entries.length, at) };
    });
    this.layers = shapes.map((_, l) => ({
      conductances: this.#groups[l]!.values.fill(1),
      falling: this.#groups[shapes.length + 2 * l]!.values,
      activation: this.#groups[shapes.length + 2 * l + 1]!.values,
    }));
  }

  /** New draws: the random numbers of `random` at `major`. */
  fill(random: Draws, major: number): this {
    fillUniform(random, major, this.#all);
    if (this.#law.isUniform)
      for (const { values, spread, kind } of this.#groups) spreadUniform(values, spread, kind !== 'conductances');
    else for (const group of this.#groups) this.#dependent(group);
    if (this.#law.hasStuck) this.#breakSome();
    factorParts(this.model).forEach((part, k) => {
      this.#apply(part, this.#partsAt + k * this.#factors);
    });
    if (this.model.ageing !== undefined) this.#age(new ResistorAgeing(this.model.ageing));
    if (this.#kinds > 0) this.#strengthen();
    const conductances = this.layers.map((layer) => layer.conductances);
    this.faults?.fill(this.#all, this.#faultsAt, conductances);
    this.series?.fill(random, major);
    return this;
  }

  /** Multiplies the factors of one non-ideality in, from random numbers that begin at `at`; what depends on a value comes when it is known. */
  #apply(part: FactorPart, at: number): void {
    let first = at;
    for (const { values, kind } of this.#groups) {
      const crossbar = kind === 'conductances';
      if (fallsOn(part, crossbar ? 'crossbar' : 'stage')) {
        for (let i = 0; i < values.length; i += 1) {
          const factor = drawnFactor(part, this.#all[first + i]!, !crossbar);
          values[i] = crossbar ? values[i]! * factor : values[i]! + Math.log(factor);
        }
      }
      first += values.length;
    }
  }

  /** Every print is looked at on a day of its own, and every resistor has grown by then as its own law says. */
  #age(law: ResistorAgeing): void {
    let at = this.#ageAt + AGEING_SHEET_NUMBERS * this.draws;
    for (const { values, kind, entries } of this.#groups) {
      for (let i = 0; i < values.length; i += 1, at += AGEING_OWN_NUMBERS) {
        if (entries[i % entries.length]!.transistor === 1) continue;
        const sheet = this.#ageAt + AGEING_SHEET_NUMBERS * Math.floor(i / entries.length);
        const ratio = law.ratio(law.day(this.#all[sheet]!), this.#all, at, sheet + 1);
        values[i] = kind === 'conductances' ? values[i]! / ratio : values[i]! + Math.log(ratio);
      }
    }
  }

  /** Every transistor whose width stands for its strength, by its own number and its sheet's. */
  #strengthen(): void {
    let at = this.#widthsAt + this.#kinds * this.draws;
    for (const { values, entries, widths } of this.#groups) {
      for (let i = 0; i < values.length; i += 1, at += 1) {
        const width = widths[i % entries.length];
        if (width === undefined) continue;
        const { kind, deviation, sheetShare } = width;
        const sheet = this.#widthsAt + this.#kinds * Math.floor(i / entries.length) + kind;
        const own = Math.sqrt(1 - sheetShare) * cutNormal(this.#all[at]!);
        values[i] = values[i]! + deviation * (own + Math.sqrt(sheetShare) * cutNormal(this.#all[sheet]!));
      }
    }
  }

  #dependent({ values, kind, entries }: Group): void {
    for (let d = 0; d < this.draws; d += 1) {
      const sheet = this.#law.sheet(this.#all, this.#factors + SHEET_NUMBERS * d);
      const first = d * entries.length;
      for (let i = 0; i < entries.length; i += 1) {
        const [u, entry] = [values[first + i]!, entries[i]!];
        values[first + i] =
          kind === 'conductances' ? this.#law.factor(u, sheet, entry) : this.#law.logFactor(u, sheet, entry);
      }
    }
  }

  #breakSome(): void {
    let at = this.#factors + (this.#law.hasSheets ? SHEET_NUMBERS * this.draws : 0);
    for (const { conductances } of this.layers)
      for (let i = 0; i < conductances.length; i += 1, at += 1)
        conductances[i] = this.#law.stuck(this.#all[at]!) ?? conductances[i]!;
  }
}

/**
 * The factors of a layer's conductances [draws × entries] times what depends on the printed magnitudes (levels, a measured
 * curve); `factors` itself where nothing does. `magnitudes` and `range` are in one unit.
 */
export function withValueFactors(
  model: Variation,
  factors: Float64Array,
  magnitudes: Float64Array,
  range: { readonly min: number; readonly max: number },
): Float64Array {
  const parts = factorParts(model).filter(dependsOnValue);
  if (parts.length === 0) return factors;
  const largest = magnitudes.reduce((most, g) => Math.max(most, g), 0);
  const byValue = magnitudes.map((g) =>
    parts.reduce((product, part) => product * valueFactor(part, g, range, largest), 1),
  );
  return factors.map((factor, i) => factor * byValue[i % byValue.length]!);
}

function groupOf(kind: Group['kind'], entries: readonly Placed[], widths: Group['widths'] = []): Group {
  return {
    kind,
    entries,
    widths,
    values: new Float64Array(0),
    spread: Float64Array.from(entries, ({ spread }) => spread),
  };
}

/** Layers lie from left to right, columns within a layer too; rows from bottom to top. */
function placeX(layer: number, layers: number, within: number): number {
  return (2 * (layer + within)) / layers - 1;
}

function crossbarGroup({ inputs, neurons }: LayerShape, l: number, layers: number, law: VariationLaw): Group {
  const entries = Array.from({ length: (inputs + 2) * neurons }, (_, i) => {
    const [row, column] = [Math.floor(i / neurons), i % neurons];
    const x = placeX(l, layers, (column + 1) / (neurons + 1));
    return { spread: law.spread(0), transistor: 0, x, y: (2 * (row + 0.5)) / (inputs + 2) - 1 };
  });
  return groupOf('conductances', entries);
}

function stageGroup(
  { inputs, neurons }: LayerShape,
  l: number,
  layers: number,
  kind: 'falling' | 'activation',
  units: CellUnits,
  law: VariationLaw,
  widths: CellWidths | undefined,
): Group {
  const count = kind === 'falling' ? inputs : neurons;
  const entries = Array.from({ length: count }, (_, i) =>
    units[kind].map((unit) => {
      const transistor = unit === 'ohms' ? 0 : 1;
      const along = kind === 'falling' ? 0 : (i + 1) / (neurons + 1);
      const y = kind === 'falling' ? (2 * (i + 0.5)) / inputs - 1 : 1;
      return { spread: law.spread(transistor), transistor, x: placeX(l, layers, along), y };
    }),
  ).flat();
  const ofStage = widths?.[kind] ?? [];
  return groupOf(
    'stages',
    entries,
    entries.map((_, i) => ofStage[i % units[kind].length]),
  );
}
