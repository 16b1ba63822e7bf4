import { type Component, DesignPolytope, findCell, type Technology } from '@neuroprint/circuit';
import { type Draft, type DraftLayer, isInverted, type StageRow } from '../draft.ts';

/** Crossbar parameters are counted in units of ten times the smallest printable conductance, so that one rate serves all. */
const CROSSBAR_UNIT = 10;

/** Of a column with op-amps Σg stays at this share of Σ|g| or more, or at what it was trained with. */
const LEAST_SHARE = 0.3;

/** Where a component's value comes from in the parameter vector. */
export interface ParameterLink {
  readonly parameter: number;
  /** `fixed`: a resistor of an op-amp, whose value its column's negative entries can make up for. */
  readonly kind: 'conductance' | 'log' | 'fixed';
}

/**
 * All free values of a draft as one vector: signed conductances (in units), logarithms of stage values, and last the
 * logarithm of the temperature that the loss reads the outputs with.
 */
export class CalibrationParameters {
  readonly values: Float64Array;
  readonly #template: Draft;
  readonly #unit: number;
  readonly #smallest: number;
  readonly #largest: number;
  readonly #offsets: readonly { readonly siemens: number; readonly falling: number; readonly activation: number }[];
  readonly #spaces: ReadonlyMap<string, DesignPolytope>;

  constructor(draft: Draft, technology: Technology, temperature: number) {
    const { minOhms, maxOhms } = technology.crossbar;
    this.#template = draft;
    this.#unit = CROSSBAR_UNIT / maxOhms;
    this.#smallest = 1 / CROSSBAR_UNIT;
    this.#largest = 1 / minOhms / this.#unit;
    const spaces = new Map<string, DesignPolytope>();
    for (const { falling, activation } of draft.layers) {
      for (const { cell } of [falling, activation]) spaces.set(cell, new DesignPolytope(findCell(technology, cell)));
    }
    this.#spaces = spaces;
    const values: number[] = [];
    const pushStages = (row: StageRow): number => {
      const at = values.length;
      for (const stage of row.values) values.push(...stage.map(Math.log));
      return at;
    };
    this.#offsets = draft.layers.map((layer) => {
      const siemens = values.length;
      values.push(...layer.siemens.map((g) => g / this.#unit));
      return { siemens, falling: pushStages(layer.falling), activation: pushStages(layer.activation) };
    });
    values.push(Math.log(temperature));
    this.values = Float64Array.from(values);
  }

  get temperature(): number {
    return Math.exp(this.values.at(-1)!);
  }

  /** The magnitude that is printed for a crossbar parameter: none below half the smallest conductance. */
  #printed(theta: number): number {
    const magnitude = Math.abs(theta);
    if (magnitude < this.#smallest / 2) return 0;
    return Math.sign(theta) * Math.min(this.#largest, Math.max(this.#smallest, magnitude));
  }

  /** The draft that the parameters stand for. */
  draft(): Draft {
    const stages = (row: StageRow, at: number): StageRow => {
      let next = at;
      return {
        ...row,
        values: row.values.map((stage) => {
          const out = this.values.slice(next, next + stage.length).map(Math.exp);
          next += stage.length;
          return out;
        }),
      };
    };
    return {
      layers: this.#template.layers.map((layer, l) => {
        const { siemens, falling, activation } = this.#offsets[l]!;
        return {
          ...layer,
          siemens: layer.siemens.map((_, k) => this.#printed(this.values[siemens + k]!) * this.#unit),
          falling: stages(layer.falling, falling),
          activation: stages(layer.activation, activation),
        };
      }),
    };
  }

  /** What decides the topology: which entries are negative and which inputs are inverted. */
  signature(draft: Draft): string {
    return draft.layers
      .map((layer) => {
        const inverted = Array.from({ length: layer.inputs }, (_, i) => (isInverted(layer, i) ? 'i' : '.')).join('');
        return inverted + Array.from(layer.siemens, (g) => (g < 0 ? '-' : g > 0 ? '+' : '0')).join('');
      })
      .join('|');
  }

  /** Which parameter a component's value comes from. */
  link(component: Component): ParameterLink {
    const { origin, parameter } = component;
    const layer: DraftLayer = this.#template.layers[origin.layer]!;
    const at = this.#offsets[origin.layer]!;
    const { columns, inputs } = layer;
    const inStage = (row: StageRow, offset: number, place: number): ParameterLink => {
      const space = this.#spaces.get(row.cell)!;
      const k = space.parameters.findIndex(({ name }) => name === parameter);
      return { parameter: offset + place * space.dimensions + k, kind: 'log' };
    };
    switch (origin.role) {
      case 'crossbar':
        return { parameter: at.siemens + origin.row! * columns + origin.column!, kind: 'conductance' };
      case 'bias':
        return { parameter: at.siemens + inputs * columns + origin.column!, kind: 'conductance' };
      case 'pull-down':
        return { parameter: at.siemens + (inputs + 1) * columns + origin.column!, kind: 'conductance' };
      case 'negative':
        return { parameter: at.siemens + origin.row! * columns + origin.column!, kind: 'conductance' };
      case 'feedback':
      case 'drive':
        return { parameter: -1, kind: 'fixed' };
      case 'falling':
        return inStage(layer.falling, at.falling, origin.row!);
      case 'activation':
        return inStage(layer.activation, at.activation, origin.column!);
      default:
        throw new Error(`${component.name} is no part of a printed layer`);
    }
  }

  /** Adds ∂L/∂parameter, given ∂L/∂value of a component, its nominal value and the draw's value (ohms or metres). */
  pullBack(link: ParameterLink, byValue: number, nominal: number, drawn: number, gradient: Float64Array): void {
    if (link.kind === 'fixed') return;
    if (link.kind === 'log') {
      gradient[link.parameter]! += byValue * drawn;
      return;
    }
    if (!Number.isFinite(drawn)) {
      // an absent resistor stands at the input itself, and its derivative is by its conductance already
      gradient[link.parameter]! += byValue * this.#unit;
      return;
    }
    // G = factor/R, and the draw's factor is nominal/drawn
    const sign = this.values[link.parameter]! < 0 ? -1 : 1;
    gradient[link.parameter]! -= sign * byValue * drawn * nominal * this.#unit;
  }

  /** Brings every parameter back to what can be printed. */
  project(): void {
    const v = this.values;
    this.#template.layers.forEach((layer, l) => {
      const { siemens, falling, activation } = this.#offsets[l]!;
      const signed = layer.negatives === undefined ? layer.inputs * layer.columns : layer.siemens.length;
      layer.siemens.forEach((_, k) => {
        const low = k < signed ? -this.#largest : 0;
        v[siemens + k] = Math.min(this.#largest, Math.max(low, v[siemens + k]!));
      });
      if (layer.negatives !== undefined) this.#keepStable(layer, siemens);
      this.#projectStages(layer.falling, falling);
      this.#projectStages(layer.activation, activation);
    });
    v[v.length - 1] = Math.min(Math.log(60), Math.max(0, v.at(-1)!));
  }

  /** Scales a column's negative entries down until Σg is the share of Σ|g| that it must not fall below. */
  #keepStable(layer: DraftLayer, offset: number): void {
    const v = this.values;
    for (let c = 0; c < layer.columns; c += 1) {
      const ratio = layer.negatives!.feedbackOhms[c]! / layer.negatives!.driveOhms[c]!;
      const share = (read: (at: number) => number): readonly [positive: number, negative: number] => {
        let [positive, negative] = [0, 0];
        for (let at = c; at < layer.siemens.length; at += layer.columns) {
          positive += Math.max(0, read(at));
          negative -= Math.min(0, read(at));
        }
        return [positive, Number.isFinite(ratio) ? negative * ratio : 0];
      };
      const [startPositive, startNegative] = share((at) => layer.siemens[at]!);
      const least = Math.min(LEAST_SHARE, (startPositive - startNegative) / (startPositive + startNegative));
      const [positive, negative] = share((at) => this.#printed(v[offset + at]!));
      const allowed = (positive * (1 - least)) / (1 + least);
      if (negative <= allowed) continue;
      for (let at = offset + c; at < offset + layer.siemens.length; at += layer.columns)
        if (v[at]! < 0) v[at]! *= allowed / negative;
    }
  }

  #projectStages(row: StageRow, offset: number): void {
    const space = this.#spaces.get(row.cell)!;
    const shares = new Float64Array(space.dimensions);
    row.values.forEach((_, place) => {
      const at = offset + place * space.dimensions;
      const logs = this.values.subarray(at, at + space.dimensions);
      space.sharesAt(logs.slice(), shares);
      space.logsAt(shares, logs);
    });
  }
}
