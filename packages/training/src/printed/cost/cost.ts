import {
  channelArea,
  channelAreaGradient,
  gridStates,
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
import { createVariation } from '../evaluate.ts';
import { Float64Loop } from '../kernel/float64.ts';
import type { KernelName } from '../kernel/loop.ts';
import type { Architecture, Parameters } from '../layer/parameters.ts';
import { printedMagnitude } from '../layer/weights.ts';
import { PrintedModel } from '../model.ts';
import { countFallingStages, needsFallingStage } from '../penalty.ts';
import type { Block } from '../rows.ts';
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
  readonly #block: Block;
  readonly #loop: Float64Loop;
  readonly #model: PrintedModel;
  readonly #meant: PrintedVariation;
  /** Where the stages' solvers were at the last measurement, by kind, layer and set of component values. */
  readonly #states = new Map<string, Float64Array>();

  /** @param kernel whose arithmetic gives the stages' η */
  constructor(
    architecture: Architecture,
    technology: Technology,
    train: Pick<VoltageRows<Labels>, 'volts' | 'labels'>,
    kernel: KernelName = 'float64',
  ) {
    this.#architecture = architecture;
    this.#technology = technology;
    this.#block = someRows(train, architecture.shapes[0]!.inputs);
    this.#loop = new Float64Loop(architecture.shapes, 1, [this.#block]);
    this.#model = new PrintedModel(architecture, 1, [this.#block], this.#loop, kernel);
    this.#meant = createVariation(architecture, 1, 0);
  }

  measure(parameters: Parameters): NetworkCost {
    this.#states.clear();
    return this.#measure(parameters).cost;
  }

  /** The same, its solvers starting from where they were at the last measurement: quicker where parameters have moved little since. */
  measureNear(parameters: Parameters): NetworkCost {
    return this.#measure(parameters).cost;
  }

  /** Static watts of every print, row means: to first order in the logarithms of the factors of its stages, node volts held. */
  copyWatts(parameters: Parameters, prints: PrintedVariation): Float64Array {
    this.#states.clear();
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
    this.#states.clear();
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
      const slope = wattsGradient(this.#technology, space.cell, logs, share, this.#statesOf(places, set));
      const area = channelAreaGradient(space.cell, logs);
      const ink = printedAreaGradient(space.cell, logs, this.#technology);
      const total = slope.map((watts, k) => per.watt * watts + here.length * (per.area * area[k]! + per.ink * ink[k]!));
      space.backward(free.subarray(set * space.size, (set + 1) * space.size), logs, total, found);
      for (let k = 0; k < space.size; k += 1) into[set * space.size + k]! += found[k]!;
    });
  }

  #measure(parameters: Parameters): Measured {
    const { shapes, conductances } = this.#architecture;
    this.#model.print(parameters, this.#meant);
    this.#loop.layerOutputs(0, this.#block, shapes.length);
    const stages: StagePlaces[] = [];
    let [watts, resistors, ink] = [0, 0, 0];
    const squares = shapes.map(({ inputs, neurons }, l) => {
      const x = l === 0 ? this.#block.volts : this.#loop.trace(l - 1).output;
      stages.push(this.#places('falling', l, parameters, x, inputs));
      stages.push(this.#places('activation', l, parameters, this.#loop.trace(l).node, neurons));
      const { theta } = parameters.layers[l]!;
      const found = this.#squares(l, theta, x);
      for (let at = 0; at < theta.length; at += 1) {
        const printed = printedMagnitude(theta[at]!, conductances);
        if (printed === 0) continue;
        resistors += 1;
        ink += resistorInk(1 / (printed * conductances.unitSiemens), this.#technology.printing).squareMetres;
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

  /** Mean (v_source − v_node)² over the rows of every entry of a layer, given its input volts [inputs × rows]. */
  #squares(l: number, theta: Float64Array, x: Float64Array): Float64Array {
    const { rows } = this.#block;
    const { inputs, neurons, falling } = this.#loop.tensors.layers[l]!;
    const { node, fallingTanh } = this.#loop.trace(l);
    const found = new Float64Array(theta.length);
    for (let at = 0; at < theta.length; at += 1) {
      const row = Math.floor(at / neurons);
      const nodeAt = (at - row * neurons) * rows;
      const xAt = row * rows;
      // a source is factor·signal + constant, of which bias and pull-down are the constant alone
      let [signal, factor, constant] = [x, 0, row === inputs ? this.#architecture.biasVolts : 0];
      if (row < inputs && theta[at]! < 0)
        [signal, factor, constant] = [fallingTanh, -falling[4 * row + 1]!, -falling[4 * row]!];
      else if (row < inputs) factor = 1;
      let sum = 0;
      for (let r = 0; r < rows; r += 1) {
        const source = factor === 0 ? constant : constant + factor * signal[xAt + r]!;
        sum += (source - node[nodeAt + r]!) ** 2;
      }
      found[at] = sum / rows;
    }
    return found;
  }

  /** The places of a kind in a layer, given the volts that they see [places × rows]. */
  #places(kind: StageKind, layer: number, parameters: Parameters, volts: Float64Array, count: number): StagePlaces {
    const { rows } = this.#block;
    const space = this.#architecture[kind];
    const shared = this.#model.componentLogs(layer, kind);
    const logs = Array.from({ length: shared.length / space.size }, (_, set) =>
      shared.slice(set * space.size, (set + 1) * space.size),
    );
    const place = Array.from({ length: count }, (_, i) => i);
    const set = place.map((i) => (logs.length === 1 ? 0 : i));
    const grids = logs.map((own, at) =>
      wattsOnGrid(this.#technology, space.cell, own, this.#statesOf({ kind, layer }, at)),
    );
    const share = place.map((i) => shareOfGrid(this.#technology, volts.subarray(i * rows, (i + 1) * rows)));
    const linear = this.#architecture.shapes[layer]!.linear === true;
    return {
      ...{ kind, layer, set, share, logs },
      printed: place.map((i) =>
        kind === 'activation' ? !linear : needsFallingStage(this.#architecture, parameters, layer, i),
      ),
      watts: share.map((own, i) => own.reduce((sum, part, v) => sum + part * grids[set[i]!]![v]!, 0)),
      area: logs.map((own) => channelArea(space.cell, own)),
      printedArea: logs.map((own) => printedArea(space.cell, own, this.#technology)),
    };
  }

  #statesOf({ kind, layer }: Pick<StagePlaces, 'kind' | 'layer'>, set: number): Float64Array {
    const name = `${kind}/${layer}/${set}`;
    const states = this.#states.get(name) ?? gridStates(this.#technology, this.#architecture[kind].cell);
    this.#states.set(name, states);
    return states;
  }
}

/** Rows evenly taken from a table, as a block; their labels mean nothing. */
function someRows({ volts, labels }: Pick<VoltageRows<Labels>, 'volts' | 'labels'>, inputs: number): Block {
  const count = labels.length;
  const rows = Math.min(count, POWER_ROWS);
  const columns = new Float64Array(rows * inputs);
  for (let r = 0; r < rows; r += 1) {
    const from = Math.floor((r * count) / rows) * inputs;
    for (let i = 0; i < inputs; i += 1) columns[i * rows + r] = volts[from + i]!;
  }
  return { rows, volts: columns, labels: new Int32Array(rows), weights: new Float64Array(rows).fill(1) };
}

/** What a network costs at some prices, in nats. */
export function natsOf({ watts, areaSquareMetres, printedSquareMetres }: NetworkCost, prices: CostPrices): number {
  const { power, area, printedArea = 0 } = prices;
  return power * Math.log(watts) + area * Math.log(areaSquareMetres) + printedArea * Math.log(printedSquareMetres);
}
