import {
  dependsOnValue,
  drawnFactor,
  factorParts,
  fallsOn,
  hasSeries,
  cutNormalQuantile as normalQuantile,
  OPEN_FACTOR,
  SHORT_FACTOR,
  valueFactor,
} from '@neuroprint/circuit';
import type { Draws, FactorPart, Variation } from '@neuroprint/core';
import { fillUniform } from './kernel/random.ts';
import type { LayerShape } from './kernel/tensors.ts';
import { PrintedSeries } from './series.ts';

/** Random numbers of a sheet as a whole: drift of resistors, drift of transistors, direction of the gradient. */
const SHEET_NUMBERS = 3;

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
  /** Entries of one print. */
  readonly size: number;
  /** Spread and class (0 resistor, 1 transistor) of entry i of a print, and its place on the sheet, −1..1. */
  readonly spread: Float64Array;
  readonly transistor: Uint8Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Prints of a network under a variation model. One object holds `draws` prints and is refilled in place. */
export class PrintedVariation {
  readonly draws: number;
  readonly model: Variation;
  readonly layers: readonly LayerFactors[];
  /** What the prints have in series with their stages; unset where the model has no such part. */
  readonly series: PrintedSeries | undefined;
  readonly #all: Float64Array;
  /** How many factors there are; further random numbers follow. */
  readonly #factors: number;
  /** Where the random numbers of the non-idealities begin. */
  readonly #partsAt: number;
  readonly #groups: readonly Group[];

  /** Starts as `draws` exact prints (all factors 1). */
  constructor(shapes: readonly LayerShape[], units: CellUnits, draws: number, model: Variation) {
    this.draws = draws;
    this.model = model;
    this.series = hasSeries(model) ? new PrintedSeries(shapes, draws, model) : undefined;
    const groups = [
      ...shapes.map((shape, l) => crossbarGroup(shape, l, shapes.length, model)),
      ...shapes.flatMap((shape, l) =>
        (['falling', 'activation'] as const).map((kind) => stageGroup(shape, l, shapes.length, kind, units, model)),
      ),
    ];
    this.#factors = groups.reduce((sum, { size }) => sum + draws * size, 0);
    const faults = this.#hasFaults ? shapes.reduce((sum, s) => sum + draws * (s.inputs + 2) * s.neurons, 0) : 0;
    this.#partsAt = this.#factors + (this.#hasSheets ? SHEET_NUMBERS * draws : 0) + faults;
    this.#all = new Float64Array(this.#partsAt + factorParts(model).length * this.#factors);
    let at = 0;
    this.#groups = groups.map((group) => {
      at += draws * group.size;
      return { ...group, values: this.#all.subarray(at - draws * group.size, at) };
    });
    this.layers = shapes.map((_, l) => ({
      conductances: this.#groups[l]!.values.fill(1),
      falling: this.#groups[shapes.length + 2 * l]!.values,
      activation: this.#groups[shapes.length + 2 * l + 1]!.values,
    }));
  }

  get #hasSheets(): boolean {
    return (this.model.commonShare ?? 0) + (this.model.gradientShare ?? 0) > 0;
  }

  get #hasFaults(): boolean {
    return (this.model.stuckOpen ?? 0) + (this.model.stuckShort ?? 0) > 0;
  }

  /** New draws: the random numbers of `random` at `major`. */
  fill(random: Draws, major: number): this {
    fillUniform(random, major, this.#all);
    if (this.model.kind === 'uniform' && !this.#hasSheets) for (const group of this.#groups) independent(group);
    else for (const group of this.#groups) this.#dependent(group);
    if (this.#hasFaults) this.#breakSome();
    factorParts(this.model).forEach((part, k) => {
      this.#apply(part, this.#partsAt + k * this.#factors);
    });
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

  /** v = √(1 − c − g)·own + √c·drift of the class + √g·gradient, every part of the same variance. */
  #dependent(group: Group): void {
    const { kind, commonShare = 0, gradientShare = 0 } = this.model;
    const own = Math.sqrt(1 - commonShare - gradientShare);
    const common = Math.sqrt(commonShare);
    const slope = Math.sqrt(gradientShare) * (kind === 'uniform' ? 1 : Math.sqrt(3));
    const numberOf = (u: number) => (kind === 'uniform' ? 2 * u - 1 : normalQuantile(u));
    for (let d = 0; d < this.draws; d += 1) {
      const sheet = this.#factors + SHEET_NUMBERS * d;
      const drift = this.#hasSheets ? [numberOf(this.#all[sheet]!), numberOf(this.#all[sheet + 1]!)] : [0, 0];
      const angle = this.#hasSheets ? 2 * Math.PI * this.#all[sheet + 2]! : 0;
      const [along, across] = [slope * Math.cos(angle), slope * Math.sin(angle)];
      for (let i = 0; i < group.size; i += 1) {
        const at = d * group.size + i;
        const v =
          own * numberOf(group.values[at]!) +
          common * drift[group.transistor[i]!]! +
          along * group.x[i]! +
          across * group.y[i]!;
        const s = group.spread[i]!;
        if (kind === 'lognormal') group.values[at] = group.kind === 'conductances' ? Math.exp(s * v) : s * v;
        else group.values[at] = group.kind === 'conductances' ? 1 + s * v : Math.log(1 + s * v);
      }
    }
  }

  #breakSome(): void {
    const { stuckOpen = 0, stuckShort = 0 } = this.model;
    let at = this.#factors + (this.#hasSheets ? SHEET_NUMBERS * this.draws : 0);
    for (const { conductances } of this.layers) {
      for (let i = 0; i < conductances.length; i += 1, at += 1) {
        if (this.#all[at]! < stuckOpen) conductances[i] = OPEN_FACTOR;
        else if (this.#all[at]! < stuckOpen + stuckShort) conductances[i] = SHORT_FACTOR;
      }
    }
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

/** The common case in a tight loop: independent and uniform. */
function independent({ values, kind, size, spread }: Group): void {
  for (let first = 0; first < values.length; first += size) {
    if (kind === 'conductances') {
      for (let i = 0; i < size; i += 1) values[first + i] = 1 + spread[i]! * (2 * values[first + i]! - 1);
    } else {
      for (let i = 0; i < size; i += 1) values[first + i] = Math.log(1 + spread[i]! * (2 * values[first + i]! - 1));
    }
  }
}

/** Layers lie from left to right, columns within a layer too; rows from bottom to top. */
function placeX(layer: number, layers: number, within: number): number {
  return (2 * (layer + within)) / layers - 1;
}

type Entry = Readonly<{ spread: number; transistor: number; x: number; y: number }>;

function groupOf(kind: Group['kind'], entries: readonly Entry[]): Group {
  return {
    kind,
    values: new Float64Array(0),
    size: entries.length,
    spread: Float64Array.from(entries, ({ spread }) => spread),
    transistor: Uint8Array.from(entries, ({ transistor }) => transistor),
    x: Float64Array.from(entries, ({ x }) => x),
    y: Float64Array.from(entries, ({ y }) => y),
  };
}

function crossbarGroup({ inputs, neurons }: LayerShape, l: number, layers: number, model: Variation): Group {
  const spread = model.resistorSpread ?? model.relativeSpread;
  const entries = Array.from({ length: (inputs + 2) * neurons }, (_, i) => {
    const [row, column] = [Math.floor(i / neurons), i % neurons];
    const x = placeX(l, layers, (column + 1) / (neurons + 1));
    return { spread, transistor: 0, x, y: (2 * (row + 0.5)) / (inputs + 2) - 1 };
  });
  return groupOf('conductances', entries);
}

function stageGroup(
  { inputs, neurons }: LayerShape,
  l: number,
  layers: number,
  kind: 'falling' | 'activation',
  units: CellUnits,
  model: Variation,
): Group {
  const count = kind === 'falling' ? inputs : neurons;
  const entries = Array.from({ length: count }, (_, i) =>
    units[kind].map((unit) => {
      const own = unit === 'ohms' ? model.resistorSpread : model.transistorSpread;
      const along = kind === 'falling' ? 0 : (i + 1) / (neurons + 1);
      const y = kind === 'falling' ? (2 * (i + 0.5)) / inputs - 1 : 1;
      const spread = own ?? model.relativeSpread;
      return { spread, transistor: unit === 'ohms' ? 0 : 1, x: placeX(l, layers, along), y };
    }),
  ).flat();
  return groupOf('stages', entries);
}
