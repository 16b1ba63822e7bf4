import {
  componentValues,
  ExactSolver,
  elementWatts,
  findCell,
  printedAreaGradient,
  resistorInk,
  shareOfGrid,
  type Technology,
  wattsGradient,
} from '@neuroprint/circuit';
import { devicesOf, flatLayered } from '../devices.ts';
import { isInverted, type Layered } from '../layered.ts';
import type { CalibrationParameters } from '../passes/calibrate/parameters.ts';
import { LayeredVector } from '../vector.ts';
import { type BudgetGauge, evenRows, printedAreaOf } from './gauge.ts';

/** Rows on which the gradient of the power is taken. */
const GRADIENT_ROWS = 32;
/** What must be left of the budget for rounding to printable values, as a share. */
const ROUNDING = 0.004;
/** Nats for each e-fold that an e-fold beyond the budget costs at once, and by how much its multiplier grows at every look. */
const STIFFNESS = 0.5;
const GROWTH = 0.1;

/** The augmented Lagrangian of a budget in calibration: what it adds to the gradient, and which states keep it. */
export class BudgetPressure {
  readonly #gauge: BudgetGauge;
  readonly #technology: Technology;
  readonly #multipliers = { power: 0, area: 0 };
  /** Entries of inputs that have no falling stage and must not get one. */
  readonly #plain: readonly number[];
  #gradient: Float64Array | undefined;

  constructor(gauge: BudgetGauge, layered: Layered, technology: Technology) {
    this.#gauge = gauge;
    this.#technology = technology;
    const { slots } = new LayeredVector(layered);
    this.#plain =
      gauge.budget.maximumInverters === undefined
        ? []
        : [...slots.keys()].filter((k) => {
            const { layer, where, at } = slots[k]!;
            const inLayer = layered.layers[layer]!;
            return where === 'crossbar' && !isInverted(inLayer, Math.floor(at / inLayer.columns));
          });
  }

  keeps(layered: Layered): boolean {
    return this.#gauge.excess(layered, ROUNDING) <= 0;
  }

  /** Sets the prices of power and area by what the present values take, and makes the gradient anew where there are any. */
  look(parameters: CalibrationParameters): void {
    const layered = parameters.layered();
    const priceOf = (kind: 'power' | 'area'): number => {
      const excess = this.#gauge.excessOf(kind, layered);
      this.#multipliers[kind] = Math.max(0, this.#multipliers[kind] + GROWTH * excess);
      return Math.max(0, this.#multipliers[kind] + STIFFNESS * excess);
    };
    const [power, area] = [priceOf('power'), priceOf('area')];
    this.#gradient = undefined;
    if (power === 0 && area === 0) return;
    this.#gradient = new Float64Array(parameters.values.length);
    if (power > 0) this.#addPower(parameters, layered, power);
    if (area > 0) this.#addArea(parameters, layered, area);
  }

  addTo(gradient: Float64Array): void {
    this.#gradient?.forEach((slope, k) => {
      gradient[k]! += slope;
    });
  }

  /** No input gets a falling stage that the budget does not have. */
  project({ values }: CalibrationParameters): void {
    for (const k of this.#plain) values[k] = Math.max(0, values[k]!);
  }

  /** Crossbars at held volts, which is exact for a column's own node; stages without load, at the volts that they see. */
  #addPower({ values, vector }: CalibrationParameters, layered: Layered, price: number): void {
    const technology = this.#technology;
    const flat = flatLayered(layered, technology);
    const inputs = flat.inputs.length;
    const rows = evenRows(this.#gauge.rows, inputs, GRADIENT_ROWS);
    const count = rows.length / inputs;
    const solver = new ExactSolver(flat);
    const components = componentValues(flat);
    solver.setValues(components);
    const state = solver.newState(count);
    solver.solve(rows, count, state);
    const owners = vector.ownersOf(flat);
    const byEntry = new Float64Array(vector.slots.length);
    const wattsOf = elementWatts(flat, components);
    let watts = 0;
    for (let row = 0; row < count; row += 1) {
      const own = state.subarray(row * solver.size, (row + 1) * solver.size);
      if (Number.isNaN(own[0]!)) continue;
      const found = wattsOf(own, rows.subarray(row * inputs, (row + 1) * inputs));
      for (const part of [found.resistors, found.transistors]) watts += part.reduce((sum, w) => sum + w, 0) / count;
      flat.resistors.forEach(({ component }, i) => {
        const entry = owners[component]!;
        if (entry >= 0) byEntry[entry]! += found.resistors[i]! / count;
      });
    }
    const gradient = this.#gradient!;
    vector.slots.forEach(({ where }, k) => {
      if (where === 'crossbar' && byEntry[k]! > 0) gradient[k]! += (price * byEntry[k]!) / (watts * values[k]!);
    });
    const voltsAt = (node: string): Float64Array => {
      const unknown = flat.unknowns.indexOf(node);
      const input = flat.inputs.indexOf(node);
      return Float64Array.from({ length: count }, (_, row) =>
        unknown < 0 ? rows[row * inputs + input]! : state[row * solver.size + unknown]!,
      ).filter(Number.isFinite);
    };
    for (const device of devicesOf(layered, technology)) {
      if (device.kind !== 'stage' || device.slot === undefined) continue;
      const { layer, where, at } = device.slot;
      if (where !== 'falling' && where !== 'activation') continue;
      const cell = findCell(technology, device.cell);
      const logs = layered.layers[layer]![where].values[at]!.map(Math.log);
      const first = vector.startOf(layer, where) + at * logs.length;
      wattsGradient(technology, cell, logs, shareOfGrid(technology, voltsAt(device.input))).forEach((slope, k) => {
        gradient[first + k]! += (price * slope) / watts;
      });
    }
  }

  #addArea({ values, vector }: CalibrationParameters, layered: Layered, price: number): void {
    const technology = this.#technology;
    const per = price / printedAreaOf(layered, technology);
    const gradient = this.#gradient!;
    layered.layers.forEach((layer, l) => {
      const start = vector.startOf(l, 'crossbar');
      layer.siemens.forEach((g, at) => {
        if (g === 0) return;
        const { squareMetres, logSlope } = resistorInk(1 / Math.abs(g), technology.printing);
        gradient[start + at]! -= (per * logSlope * squareMetres) / values[start + at]!;
      });
      for (const where of ['falling', 'activation'] as const) {
        const cell = findCell(technology, layer[where].cell);
        layer[where].values.forEach((own, at) => {
          if (where === 'falling' && !isInverted(layer, at)) return;
          const first = vector.startOf(l, where) + at * own.length;
          printedAreaGradient(cell, own.map(Math.log), technology).forEach((slope, k) => {
            gradient[first + k]! += per * slope;
          });
        });
      }
    });
  }
}
