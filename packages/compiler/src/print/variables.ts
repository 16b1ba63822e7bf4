import { type Component, DesignPolytope, findCell, type Technology } from '@neuroprint/circuit';
import type { Draft, DraftLayer, StageRow } from '../draft.ts';
import type { PrintRange } from './grid.ts';

/** One value of a draft that is printed, and where it stands. */
export interface Variable extends PrintRange {
  readonly layer: number;
  /** In `siemens` (a resistance), in the values of a stage row, or a resistor of the column's op-amps. */
  readonly where: 'crossbar' | 'falling' | 'activation' | 'feedback' | 'drive';
  /** Index into `siemens`, the place of the stage, or the column. */
  readonly at: number;
  /** Number of the cell's parameter; 0 for a resistance. */
  readonly parameter: number;
  /** Column that the value decides; −1 for a falling stage, which serves all columns. */
  readonly column: number;
}

/**
 * The printed values of a draft as one vector (ohms and metres): the resistances that are there, then the stages, those that share one
 * list of values once. Falling stages that no column needs are not printed and have no variables.
 */
export class DraftVariables {
  readonly draft: Draft;
  readonly list: readonly Variable[];
  readonly #technology: Technology;
  readonly #index = new Map<string, number>();

  constructor(draft: Draft, technology: Technology) {
    this.draft = draft;
    this.#technology = technology;
    const list: Variable[] = [];
    const { minOhms, maxOhms } = technology.crossbar;
    draft.layers.forEach((layer, l) => {
      layer.siemens.forEach((siemens, at) => {
        if (siemens === 0) return;
        this.#index.set(`${l} crossbar ${at} 0`, list.length);
        list.push({
          layer: l,
          where: 'crossbar',
          at,
          parameter: 0,
          column: at % layer.columns,
          unit: 'ohms',
          min: minOhms,
          max: maxOhms,
        });
      });
      for (const where of ['feedback', 'drive'] as const) {
        if (layer.negatives === undefined) break;
        for (let c = 0; c < layer.columns; c += 1) {
          if (!layer.siemens.some((siemens, at) => at % layer.columns === c && siemens < 0)) continue;
          this.#index.set(`${l} ${where} ${c} 0`, list.length);
          list.push({ layer: l, where, at: c, parameter: 0, column: c, unit: 'ohms', min: minOhms, max: maxOhms });
        }
      }
      for (const where of ['falling', 'activation'] as const) {
        const row = layer[where];
        const { parameters } = findCell(technology, row.cell);
        row.values.forEach((values, place) => {
          const first = row.values.indexOf(values);
          if (where === 'falling' && !isNeeded(layer, row, first)) return;
          parameters.forEach(({ unit, min, max }, parameter) => {
            const key = (p: number): string => `${l} ${where} ${p} ${parameter}`;
            if (first < place) {
              this.#index.set(key(place), this.#index.get(key(first))!);
              return;
            }
            this.#index.set(key(place), list.length);
            const column = where === 'falling' ? -1 : place;
            list.push({ layer: l, where, at: place, parameter, column, unit, min, max });
          });
        });
      }
    });
    this.list = list;
  }

  /** Every variable's value, in ohms and metres. */
  values(): Float64Array {
    return Float64Array.from(this.list, ({ layer, where, at, parameter }) => {
      const from = this.draft.layers[layer]!;
      if (where === 'feedback' || where === 'drive') return from.negatives![`${where}Ohms`][at]!;
      return where === 'crossbar' ? 1 / Math.abs(from.siemens[at]!) : from[where].values[at]![parameter]!;
    });
  }

  /** The draft with other values; signs and connections stay. */
  draftWith(values: Float64Array): Draft {
    const layers = this.draft.layers.map((layer) => {
      const copies = new Map<Float64Array, Float64Array>();
      const copy = (row: StageRow): StageRow => ({
        ...row,
        values: row.values.map((stage) => {
          if (!copies.has(stage)) copies.set(stage, stage.slice());
          return copies.get(stage)!;
        }),
      });
      return {
        ...layer,
        siemens: layer.siemens.slice(),
        falling: copy(layer.falling),
        activation: copy(layer.activation),
        ...(layer.negatives === undefined
          ? {}
          : {
              negatives: {
                ...layer.negatives,
                feedbackOhms: layer.negatives.feedbackOhms.slice(),
                driveOhms: layer.negatives.driveOhms.slice(),
              },
            }),
      };
    });
    this.list.forEach(({ layer, where, at, parameter }, v) => {
      const to = layers[layer]!;
      if (where === 'crossbar') to.siemens[at] = Math.sign(to.siemens[at]!) / values[v]!;
      else if (where === 'feedback' || where === 'drive') to.negatives![`${where}Ohms`][at] = values[v]!;
      else to[where].values[at]![parameter] = values[v]!;
    });
    return { layers };
  }

  /** The variable that a component of the draft's circuit takes its value from. */
  variableOf({ origin, parameter }: Component): number {
    const layer = this.draft.layers[origin.layer]!;
    const crossbar = (row: number): string => `${origin.layer} crossbar ${row * layer.columns + origin.column!} 0`;
    const stage = (where: 'falling' | 'activation', place: number): string => {
      const { parameters } = findCell(this.#technology, layer[where].cell);
      return `${origin.layer} ${where} ${place} ${parameters.findIndex(({ name }) => name === parameter)}`;
    };
    const key = {
      crossbar: () => crossbar(origin.row!),
      bias: () => crossbar(layer.inputs),
      'pull-down': () => crossbar(layer.inputs + 1),
      negative: () => crossbar(origin.row!),
      feedback: () => `${origin.layer} feedback ${origin.column!} 0`,
      drive: () => `${origin.layer} drive ${origin.column!} 0`,
      falling: () => stage('falling', origin.row!),
      activation: () => stage('activation', origin.column!),
    }[origin.role as 'crossbar']();
    return this.#index.get(key)!;
  }

  /** The stages as groups of variables in the order of the cell's parameters, with the space that the values must lie in. */
  stages(): { readonly first: number; readonly space: DesignPolytope }[] {
    return this.list.flatMap(({ layer, where, parameter }, first) => {
      if ((where !== 'falling' && where !== 'activation') || parameter !== 0) return [];
      const cell = findCell(this.#technology, this.draft.layers[layer]![where].cell);
      return [{ first, space: new DesignPolytope(cell) }];
    });
  }
}

/** Whether some column takes one of the inputs negated that this falling stage serves. */
function isNeeded(layer: DraftLayer, row: StageRow, first: number): boolean {
  return row.values.some(
    (values, place) =>
      values === row.values[first] &&
      layer.siemens.subarray(place * layer.columns, (place + 1) * layer.columns).some((siemens) => siemens < 0),
  );
}
