import { idealVoltages, type Technology } from '@neuroprint/circuit';
import type { Labels, VoltageRows } from '@neuroprint/core';
import { exportLayers } from '../export.ts';
import type { Architecture, Parameters } from '../layer/parameters.ts';
import { printedMagnitude } from '../layer/weights.ts';
import { countFallingStages, needsFallingStage } from '../penalty.ts';
import type { StageKind } from '../stages.ts';
import { areaGradient, areaOf } from './area.ts';
import { shareOfGrid, wattsGradient, wattsOnGrid } from './stage-watts.ts';

/** Rows over which power is averaged, evenly taken from the training rows. */
const POWER_ROWS = 32;

/** What a network costs when it is printed as the fast model has it. */
export interface NetworkCost {
  /** Static watts, mean over rows: crossbars at ideal voltages, stages without load by the exact device equations. */
  readonly watts: number;
  /** Σ W·L of the transistor channels. */
  readonly areaSquareMetres: number;
  readonly fallingStages: number;
  /** Crossbar resistors that are printed. */
  readonly resistors: number;
}

/** What cost counts in training: nats for each e-fold of power and of area. */
export interface CostPrices {
  readonly power: number;
  readonly area: number;
}

/** All places of one layer that stages of one kind can stand at. */
interface StagePlaces {
  readonly kind: StageKind;
  readonly layer: number;
  /** Of every place: whether a stage is printed there, its set of component values, its watts and how often it sees which volts. */
  readonly printed: readonly boolean[];
  readonly set: readonly number[];
  readonly watts: readonly number[];
  readonly share: readonly Float64Array[];
  /** ln ω and channel area of every set. */
  readonly logs: readonly Float64Array[];
  readonly area: readonly number[];
}

interface Measured {
  readonly cost: NetworkCost;
  readonly stages: readonly StagePlaces[];
  /** Mean (v_source − v_node)² of every crossbar entry [(inputs + 2) × neurons], in volts². */
  readonly squares: readonly Float64Array[];
}

/** Measures what a network with the node rule `inverter` costs, and adds the gradient of that cost to a training step. */
export class CostModel {
  readonly #architecture: Architecture;
  readonly #technology: Technology;
  readonly #volts: Float64Array;
  readonly #rows: number;

  constructor(
    architecture: Architecture,
    technology: Technology,
    train: Pick<VoltageRows<Labels>, 'volts' | 'labels'>,
  ) {
    const { inputs } = architecture.shapes[0]!;
    const count = train.labels.length;
    this.#architecture = architecture;
    this.#technology = technology;
    this.#rows = Math.min(count, POWER_ROWS);
    this.#volts = new Float64Array(this.#rows * inputs);
    for (let r = 0; r < this.#rows; r += 1) {
      const from = Math.floor((r * count) / this.#rows) * inputs;
      this.#volts.set(train.volts.subarray(from, from + inputs), r * inputs);
    }
  }

  measure(parameters: Parameters): NetworkCost {
    return this.#measure(parameters).cost;
  }

  /** power·ln watts + area·ln area, in nats, with the stages that are printed: the hard count. */
  nats(parameters: Parameters, prices: CostPrices): number {
    const { watts, areaSquareMetres } = this.measure(parameters);
    return prices.power * Math.log(watts) + prices.area * Math.log(areaSquareMetres);
  }

  /**
   * Adds the gradient of `nats` to `gradient`, and returns what each falling stage adds to it, in nats, for its soft count
   * (penalty.ts). Voltages are held: of a column that is exact, because its node minimises its power; of the stages
   * behind it, it is an approximation.
   */
  addGradient(
    parameters: Parameters,
    prices: CostPrices,
    gradient: Parameters,
  ): (layer: number, input: number) => number {
    const { cost, stages, squares } = this.#measure(parameters);
    const perWatt = prices.power / cost.watts;
    const perArea = prices.area / cost.areaSquareMetres;
    const { unitSiemens } = this.#architecture.conductances;
    squares.forEach((volts, l) => {
      const { theta } = parameters.layers[l]!;
      for (let at = 0; at < theta.length; at += 1) {
        gradient.layers[l]!.theta[at]! += Math.sign(theta[at]!) * perWatt * unitSiemens * volts[at]!;
      }
    });
    for (const places of stages) {
      if (this.#architecture.learned) this.#addStages(places, parameters, perWatt, perArea, gradient);
    }
    const falling = stages.filter(({ kind }) => kind === 'falling');
    return (layer, input) => {
      const { watts, area, set } = falling[layer]!;
      return perWatt * watts[input]! + perArea * area[set[input]!]!;
    };
  }

  #addStages(
    places: StagePlaces,
    parameters: Parameters,
    perWatt: number,
    perArea: number,
    gradient: Parameters,
  ): void {
    const space = this.#architecture[places.kind];
    const free = parameters.layers[places.layer]![places.kind];
    const into = gradient.layers[places.layer]![places.kind];
    const found = new Float64Array(space.size);
    places.logs.forEach((logs, set) => {
      const here = places.set.flatMap((own, i) => (own === set && places.printed[i]! ? [i] : []));
      if (here.length === 0) return;
      const share = places.share[here[0]!]!.map((_, v) => here.reduce((sum, i) => sum + places.share[i]![v]!, 0));
      const slope = wattsGradient(this.#technology, space.cell, logs, share);
      const area = areaGradient(space.cell, logs);
      const total = slope.map((watts, k) => perWatt * watts + perArea * here.length * area[k]!);
      space.backward(free.subarray(set * space.size, (set + 1) * space.size), logs, total, found);
      for (let k = 0; k < space.size; k += 1) into[set * space.size + k]! += found[k]!;
    });
  }

  #measure(parameters: Parameters): Measured {
    const { shapes, conductances, biasVolts } = this.#architecture;
    const layers = exportLayers(this.#architecture, parameters);
    const { columns, outputs } = idealVoltages({ layers, biasVolts }, this.#volts, this.#rows);
    const stages: StagePlaces[] = [];
    let [watts, resistors] = [0, 0];
    const squares = shapes.map(({ inputs, neurons }, l) => {
      const x = l === 0 ? this.#volts : outputs[l - 1]!;
      const { theta } = parameters.layers[l]!;
      const falling = this.#places('falling', l, parameters, columnsOf(x, inputs));
      stages.push(falling, this.#places('activation', l, parameters, columnsOf(columns[l]!, neurons)));
      const eta = (i: number) => layers[l]!.fallingStages[falling.set[i]!]!.eta!;
      const found = new Float64Array(theta.length);
      for (let at = 0; at < theta.length; at += 1) {
        const [row, k] = [Math.floor(at / neurons), at % neurons];
        for (let r = 0; r < this.#rows; r += 1) {
          const v = row < inputs ? x[r * inputs + row]! : row === inputs ? biasVolts : 0;
          const source = row < inputs && theta[at]! < 0 ? invert(eta(row), v) : v;
          found[at]! += (source - columns[l]![r * neurons + k]!) ** 2 / this.#rows;
        }
        const printed = printedMagnitude(theta[at]!, conductances);
        if (printed > 0) resistors += 1;
        watts += printed * conductances.unitSiemens * found[at]!;
      }
      return found;
    });
    let area = 0;
    for (const { printed, watts: each, set, area: areas } of stages) {
      printed.forEach((is, i) => {
        if (!is) return;
        watts += each[i]!;
        area += areas[set[i]!]!;
      });
    }
    const fallingStages = countFallingStages(this.#architecture, parameters);
    return { cost: { watts, areaSquareMetres: area, fallingStages, resistors }, stages, squares };
  }

  #places(kind: StageKind, layer: number, parameters: Parameters, volts: readonly Float64Array[]): StagePlaces {
    const space = this.#architecture[kind];
    const free = parameters.layers[layer]![kind];
    const sets = free.length / space.size;
    const logs = Array.from({ length: sets }, (_, set) => {
      const out = new Float64Array(space.size);
      space.logsAt(free.subarray(set * space.size, (set + 1) * space.size), out);
      return out;
    });
    const grids = logs.map((own) => wattsOnGrid(this.#technology, space.cell, own));
    const share = volts.map((own) => shareOfGrid(this.#technology, own));
    const set = volts.map((_, i) => (sets === 1 ? 0 : i));
    return {
      kind,
      layer,
      printed: volts.map(
        (_, i) => kind === 'activation' || needsFallingStage(this.#architecture, parameters, layer, i),
      ),
      set,
      watts: share.map((own, i) => own.reduce((sum, part, v) => sum + part * grids[set[i]!]![v]!, 0)),
      share,
      logs,
      area: logs.map((own) => areaOf(space.cell, own)),
    };
  }
}

function columnsOf(rowMajor: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: width }, (_, k) =>
    Float64Array.from({ length: rowMajor.length / width }, (_, r) => rowMajor[r * width + k]!),
  );
}

function invert(eta: readonly [number, number, number, number], volts: number): number {
  return -(eta[0] + eta[1] * Math.tanh((volts - eta[2]) * eta[3]));
}
