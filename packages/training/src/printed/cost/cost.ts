import {
  channelArea,
  channelAreaGradient,
  idealVoltages,
  printedArea,
  printedAreaGradient,
  resistorInk,
  shareOfGrid,
  type Technology,
  wattsGradient,
  wattsOnGrid,
} from '@neuroprint/circuit';
import type { Labels, VoltageRows } from '@neuroprint/core';
import type { StageKind } from '../broken.ts';
import { Exporter } from '../export.ts';
import type { Architecture, Parameters } from '../layer/parameters.ts';
import { printedMagnitude } from '../layer/weights.ts';
import { countFallingStages, needsFallingStage } from '../penalty.ts';
import type { PrintedVariation } from '../variation.ts';
import { copyWatts } from './copy-watts.ts';
import type { Measured, NetworkCost, StagePlaces } from './measured.ts';

/** Rows over which power is averaged, evenly taken from the training rows. */
const POWER_ROWS = 32;

/** What cost counts in training: nats for each e-fold of power, of channel area and, where it is counted, of printed area. */
export interface CostPrices {
  readonly power: number;
  readonly area: number;
  readonly printedArea?: number;
}

/** Measures what a network with the node rule `inverter` costs, and adds the gradient of that cost to a training step. */
export class CostModel {
  readonly #architecture: Architecture;
  readonly #technology: Technology;
  readonly #exporter: Exporter;
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
    this.#exporter = new Exporter(architecture);
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

  /** Static watts of every print, row means: to first order in the logarithms of the factors of its stages, node volts held. */
  copyWatts(parameters: Parameters, prints: PrintedVariation): Float64Array {
    const measured = this.#measure(parameters);
    return copyWatts(this.#architecture, this.#technology, parameters, measured, prints);
  }

  /** power·ln watts + area·ln area, in nats, with the stages that are printed: the hard count. */
  nats(parameters: Parameters, prices: CostPrices): number {
    return natsOf(this.measure(parameters), prices);
  }

  /**
   * Adds the gradient of `nats` to `gradient`, and returns what each falling stage adds to it, in nats, for its soft count
   * (penalty.ts). Voltages are held: of a column that is exact, because its node minimises its power; of the stages
   * behind it, it is an approximation. Of the ink of a crossbar's resistors it is softened: see `#inkSlope`. Prices may depend on
   * what the network costs now.
   */
  addGradient(
    parameters: Parameters,
    priced: CostPrices | ((cost: NetworkCost) => CostPrices),
    gradient: Parameters,
  ): (layer: number, input: number) => number {
    const { cost, stages, squares } = this.#measure(parameters);
    const prices = typeof priced === 'function' ? priced(cost) : priced;
    const per = {
      watt: prices.power / cost.watts,
      area: prices.area / cost.areaSquareMetres,
      ink: (prices.printedArea ?? 0) / cost.printedSquareMetres,
    };
    const { unitSiemens } = this.#architecture.conductances;
    squares.forEach((volts, l) => {
      const { theta } = parameters.layers[l]!;
      for (let at = 0; at < theta.length; at += 1) {
        const slope = per.watt * unitSiemens * volts[at]! + (per.ink > 0 ? per.ink * this.#inkSlope(theta[at]!) : 0);
        gradient.layers[l]!.theta[at]! += Math.sign(theta[at]!) * slope;
      }
    });
    for (const places of stages) {
      if (this.#architecture.learned) this.#addStages(places, parameters, per, gradient);
    }
    const falling = stages.filter(({ kind }) => kind === 'falling');
    return (layer, input) => {
      const { watts, area, printedArea, set } = falling[layer]!;
      const own = set[input]!;
      return per.watt * watts[input]! + per.area * area[own]! + per.ink * printedArea[own]!;
    };
  }

  /**
   * ∂ ink/∂|θ| of a crossbar resistor. A smaller conductance takes more ink until it is left out, so that below the smallest printable
   * one the slope is that of a count, towards no resistor; above it the true one.
   */
  #inkSlope(theta: number): number {
    const { min, max, unitSiemens } = this.#architecture.conductances;
    const { printing } = this.#technology;
    const magnitude = Math.abs(theta);
    if (magnitude < min) return resistorInk(1 / (min * unitSiemens), printing).squareMetres / min;
    const printed = Math.min(max, magnitude);
    const { squareMetres, logSlope } = resistorInk(1 / (printed * unitSiemens), printing);
    return (-logSlope * squareMetres) / printed;
  }

  #addStages(
    places: StagePlaces,
    parameters: Parameters,
    per: { readonly watt: number; readonly area: number; readonly ink: number },
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
      const area = channelAreaGradient(space.cell, logs);
      const ink = printedAreaGradient(space.cell, logs, this.#technology);
      const total = slope.map((watts, k) => per.watt * watts + here.length * (per.area * area[k]! + per.ink * ink[k]!));
      space.backward(free.subarray(set * space.size, (set + 1) * space.size), logs, total, found);
      for (let k = 0; k < space.size; k += 1) into[set * space.size + k]! += found[k]!;
    });
  }

  #measure(parameters: Parameters): Measured {
    const { shapes, conductances, biasVolts } = this.#architecture;
    const layers = this.#exporter.layers(parameters);
    const { columns, outputs } = idealVoltages({ layers, biasVolts }, this.#volts, this.#rows);
    const stages: StagePlaces[] = [];
    let [watts, resistors, ink] = [0, 0, 0];
    const squares = shapes.map(({ inputs, neurons }, l) => {
      const x = l === 0 ? this.#volts : outputs[l - 1]!;
      const { theta } = parameters.layers[l]!;
      const falling = this.#places('falling', l, parameters, columnsOf(x, inputs));
      stages.push(falling, this.#places('activation', l, parameters, columnsOf(columns[l]!, neurons)));
      const eta = (i: number) => layers[l]!.fallingStages[falling.set[i]!]!.eta!;
      const inverted = x.map((volts, at) => invert(eta(at % inputs), volts));
      const found = new Float64Array(theta.length);
      for (let at = 0; at < theta.length; at += 1) {
        const [row, k] = [Math.floor(at / neurons), at % neurons];
        for (let r = 0; r < this.#rows; r += 1) {
          const v = row < inputs ? x[r * inputs + row]! : row === inputs ? biasVolts : 0;
          const source = row < inputs && theta[at]! < 0 ? inverted[r * inputs + row]! : v;
          found[at]! += (source - columns[l]![r * neurons + k]!) ** 2 / this.#rows;
        }
        const printed = printedMagnitude(theta[at]!, conductances);
        if (printed > 0) {
          resistors += 1;
          ink += resistorInk(1 / (printed * conductances.unitSiemens), this.#technology.printing).squareMetres;
        }
        watts += printed * conductances.unitSiemens * found[at]!;
      }
      return found;
    });
    let area = 0;
    for (const { printed, watts: each, set, area: areas, printedArea } of stages) {
      printed.forEach((is, i) => {
        if (!is) return;
        watts += each[i]!;
        area += areas[set[i]!]!;
        ink += printedArea[set[i]!]!;
      });
    }
    const fallingStages = countFallingStages(this.#architecture, parameters);
    return {
      cost: { watts, areaSquareMetres: area, printedSquareMetres: ink, fallingStages, resistors },
      stages,
      squares,
    };
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
      printed: volts.map((_, i) =>
        kind === 'activation'
          ? this.#architecture.shapes[layer]!.linear !== true
          : needsFallingStage(this.#architecture, parameters, layer, i),
      ),
      set,
      watts: share.map((own, i) => own.reduce((sum, part, v) => sum + part * grids[set[i]!]![v]!, 0)),
      share,
      logs,
      area: logs.map((own) => channelArea(space.cell, own)),
      printedArea: logs.map((own) => printedArea(space.cell, own, this.#technology)),
    };
  }
}

/** What a network costs at some prices, in nats. */
export function natsOf({ watts, areaSquareMetres, printedSquareMetres }: NetworkCost, prices: CostPrices): number {
  const { power, area, printedArea = 0 } = prices;
  return power * Math.log(watts) + area * Math.log(areaSquareMetres) + printedArea * Math.log(printedSquareMetres);
}

function columnsOf(rowMajor: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: width }, (_, k) =>
    Float64Array.from({ length: rowMajor.length / width }, (_, r) => rowMajor[r * width + k]!),
  );
}

function invert(eta: readonly [number, number, number, number], volts: number): number {
  return -(eta[0] + eta[1] * Math.tanh((volts - eta[2]) * eta[3]));
}
