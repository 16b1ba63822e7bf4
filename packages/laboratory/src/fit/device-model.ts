import { type CompiledLaw, compileLaw, type OfferedLaw, parseLaw } from '@neuroprint/circuit';
import type { DevicePoints } from './points.ts';

/** What a fit may have beside the law itself. */
export interface Extras {
  /** The gate of output curves is off by so many volts: they were measured after another history than the transfer curves. */
  readonly shift: boolean;
  /** A resistance in series with source and with drain. */
  readonly contact: boolean;
}

/** A parameter as a fit moves it: by its logarithm or itself, within bounds. */
export interface Movable {
  readonly name: string;
  readonly unit: string;
  readonly log: boolean;
  readonly minimum: number;
  readonly maximum: number;
}

/** Below 1 mV between drain and source of the channel a current is solved to. */
const SOLVED = 1e-12;
const STEPS = 60;
/** The temperature at which a technology's numbers hold. */
const CELSIUS = 27;

/**
 * The current of a law at every point of a device, and its derivatives by what a fit moves:
 *
 *   I = f(vg + shift, vd − I·R, I·R) + floor,  R = contact/W
 *
 * The shift is that of output curves, the floor one of each transfer curve: leakage that belongs to no law.
 */
export class DeviceModel {
  readonly offered: OfferedLaw;
  readonly extras: Extras;
  /** The law's parameters that are moved, then shift, contact, and a floor for each transfer curve. */
  readonly movable: readonly Movable[];
  readonly lawMoved: number;
  readonly #compiled: CompiledLaw;
  readonly #points: DevicePoints;
  readonly #out: Float64Array;
  readonly #width: number;
  readonly #length: number;
  readonly #parameters: Float64Array;
  readonly #places: readonly number[];
  readonly #shiftAt: number;
  readonly #contactAt: number;
  readonly #floorAt: readonly number[];
  /** ∂I/∂x of the last point, by everything that is moved, in its own unit (not by its logarithm). */
  readonly slope: Float64Array;

  constructor(offered: OfferedLaw, points: DevicePoints, width: number, length: number, extras: Extras) {
    const names = offered.parameters.map(({ name }) => name);
    const free = offered.parameters.filter(({ isFixed }) => isFixed !== true);
    this.offered = offered;
    this.extras = extras;
    this.#points = points;
    this.#width = width;
    this.#length = length;
    this.#parameters = Float64Array.from(offered.parameters, ({ start }) => start);
    this.#places = free.map(({ name }) => names.indexOf(name));
    this.#compiled = compileLaw(parseLaw(offered.text, names), ['vg', 'vd', 'vs', ...free.map(({ name }) => name)]);
    this.#out = new Float64Array(4 + free.length);
    const movable: Movable[] = free.map(({ name, unit, scale, minimum, maximum }) => ({
      name,
      unit,
      log: scale === 'log',
      minimum,
      maximum,
    }));
    this.lawMoved = movable.length;
    this.#shiftAt = extras.shift ? movable.length : -1;
    if (extras.shift) {
      const reach = points.gateSpan / 2;
      movable.push({ name: 'shift', unit: 'volts', log: false, minimum: -reach, maximum: reach });
    }
    this.#contactAt = extras.contact ? movable.length : -1;
    if (extras.contact) {
      // from what a ten-thousandth of the largest current drops to what all of it does
      const ohms = points.gateSpan / Math.max(...points.largest);
      movable.push({
        name: 'contact',
        unit: 'ohm*metres',
        log: true,
        minimum: 1e-4 * ohms * width,
        maximum: ohms * width,
      });
    }
    this.#floorAt = points.curves.map(({ kind }, c) => {
      if (kind === 'output') return -1;
      const least = points.least[c]!;
      movable.push({ name: `floor ${c}`, unit: 'amperes', log: true, minimum: 1e-4 * least, maximum: 5 * least });
      return movable.length - 1;
    });
    this.movable = movable;
    this.slope = new Float64Array(movable.length);
  }

  /** The current at one point in amperes, with `slope` beside it; `x` in the units of what is moved. */
  current(x: ArrayLike<number>, i: number): number {
    const { slope } = this;
    const { curve, gate, drain, curves } = this.#points;
    for (let k = 0; k < this.lawMoved; k += 1) this.#parameters[this.#places[k]!] = x[k]!;
    const isOutput = curves[curve[i]!]!.kind === 'output';
    const vg = gate[i]! + (isOutput && this.#shiftAt >= 0 ? x[this.#shiftAt]! : 0);
    const ohms = this.#contactAt >= 0 ? x[this.#contactAt]! / this.#width : 0;
    const amperes = this.#channel(vg, drain[i]!, ohms);
    const out = this.#out;
    // I = f(vg, vd − I·R, I·R): everything is divided by what the current itself does to it
    const byDrain = out[2]! - out[3]!;
    const damping = 1 / (1 + ohms * byDrain);
    slope.fill(0);
    for (let k = 0; k < this.lawMoved; k += 1) slope[k] = out[4 + k]! * damping;
    if (isOutput && this.#shiftAt >= 0) slope[this.#shiftAt] = out[1]! * damping;
    if (this.#contactAt >= 0) slope[this.#contactAt] = (-amperes * byDrain * damping) / this.#width;
    const floorAt = this.#floorAt[curve[i]!]!;
    if (floorAt < 0) return amperes;
    slope[floorAt] = 1;
    return amperes + x[floorAt]!;
  }

  /** The current through channel and contacts; derivatives at the channel's own voltages are left in `#out`. */
  #channel(vg: number, vd: number, ohms: number): number {
    const out = this.#out;
    const law = (current: number): number => {
      this.#compiled(
        vg,
        vd - current * ohms,
        current * ohms,
        this.#width,
        this.#length,
        CELSIUS,
        this.#parameters,
        out,
      );
      return out[0]!;
    };
    const free = law(0);
    if (ohms === 0 || free === 0) return free;
    let [low, high] = free > 0 ? [0, free] : [free, 0];
    let current = free / (1 + ohms * (out[2]! - out[3]!));
    for (let step = 0; step < STEPS; step += 1) {
      const value = law(current);
      const excess = current - value;
      if (excess > 0) high = current;
      else low = current;
      if (Math.abs(excess) <= SOLVED * Math.abs(free) || high - low <= SOLVED * Math.abs(free)) break;
      const next = current - excess / (1 + ohms * (out[2]! - out[3]!));
      current = next > low && next < high ? next : 0.5 * (low + high);
    }
    return current;
  }
}
