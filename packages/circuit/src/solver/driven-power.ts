import {
  addConductanceGradient,
  conductances,
  conductorCount,
  conductorNodes,
  resistorComponents,
} from '../ir/conductors.ts';
import type { FlatCircuit } from '../ir/flatten.ts';
import type { DrainCurrent } from './device.ts';
import { Transistors } from './transistors.ts';

/**
 * Static power of a circuit without op-amps and series sources as what drives it delivers: P = Σ v·F over the driven nodes with F the
 * current out of the node, which at a solved row is Σ I·V over the devices (Tellegen). With its slopes, for the adjoint: ∂P/∂v of the
 * unknown nodes, and ∂P/∂value where volts are held.
 */
export class DrivenPower {
  readonly #flat: FlatCircuit;
  readonly #nodes: readonly (readonly [number, number])[];
  /** Ends and numbers of the conductors at a driven node. */
  readonly #conductors: readonly (readonly [a: number, b: number, at: number])[];
  /** Numbers of the transistors whose channel ends at a driven node. */
  readonly #channels: readonly number[];
  readonly #components: Int32Array;
  readonly #transistors: Transistors;
  readonly #siemens: Float64Array;
  /** Of all nodes: unknown, then driven. */
  readonly #volts: Float64Array;
  readonly #out: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  #values: Float64Array = new Float64Array(0);

  constructor(flat: FlatCircuit) {
    if (flat.opamps.length + flat.sources.length > 0)
      throw new Error('power by what drives a circuit of transistors only');
    const size = flat.unknowns.length;
    this.#flat = flat;
    this.#nodes = conductorNodes(flat);
    this.#conductors = this.#nodes.flatMap(([a, b], at) => (a >= size || b >= size ? [[a, b, at]] : []));
    this.#channels = flat.transistors.flatMap(({ drain, source }, i) => (drain >= size || source >= size ? [i] : []));
    this.#components = resistorComponents(flat);
    this.#transistors = new Transistors(flat);
    this.#siemens = new Float64Array(conductorCount(flat));
    this.#volts = new Float64Array(size + flat.driven.length);
    this.#volts.set(flat.supplyVolts, size);
  }

  /** Takes the component values (ohms, metres). */
  setValues(values: Float64Array): void {
    this.#values = values;
    conductances(this.#flat, values, this.#siemens);
    this.#transistors.setValues(values);
  }

  /** Takes a solved row: volts of the unknown nodes [rows × unknowns] and of the inputs [rows × inputs]. */
  setRow(row: number, state: Float64Array, inputVolts: Float64Array): void {
    const { unknowns, supplyVolts, inputs } = this.#flat;
    for (let i = 0; i < unknowns.length; i += 1) this.#volts[i] = state[row * unknowns.length + i]!;
    const at = unknowns.length + supplyVolts.length;
    for (let i = 0; i < inputs.length; i += 1) this.#volts[at + i] = inputVolts[row * inputs.length + i]!;
  }

  watts(): number {
    const volts = this.#volts;
    let sum = 0;
    for (const [a, b, at] of this.#conductors)
      sum += this.#drivenDrop(a, b) * this.#siemens[at]! * (volts[a]! - volts[b]!);
    for (const i of this.#channels) {
      const { drain, source } = this.#flat.transistors[i]!;
      const drop = this.#drivenDrop(drain, source);
      if (drop === 0) continue;
      this.#transistors.evaluate(i, volts, this.#out);
      sum += drop * this.#out.amperes;
    }
    return sum;
  }

  /** Adds weight·∂P/∂v to `byNode` [unknowns]. */
  addNodeGradient(weight: number, byNode: Float64Array): void {
    const add = (node: number, slope: number): void => {
      if (node < byNode.length) byNode[node]! += weight * slope;
    };
    for (const [a, b, at] of this.#conductors) {
      const by = this.#drivenDrop(a, b) * this.#siemens[at]!;
      add(a, by);
      add(b, -by);
    }
    for (const i of this.#channels) {
      const { drain, gate, source } = this.#flat.transistors[i]!;
      const drop = this.#drivenDrop(drain, source);
      if (drop === 0) continue;
      this.#transistors.evaluate(i, this.#volts, this.#out);
      add(drain, drop * this.#out.byDrain);
      add(gate, drop * this.#out.byGate);
      add(source, drop * this.#out.bySource);
    }
  }

  /** Adds weight·∂P/∂value, volts held, to `gradient` [components]. */
  addValueGradient(weight: number, gradient: Float64Array): void {
    const volts = this.#volts;
    const byConductance = Float64Array.from(
      this.#nodes,
      ([a, b]) => weight * this.#drivenDrop(a, b) * (volts[a]! - volts[b]!),
    );
    addConductanceGradient(this.#flat, this.#components, this.#values, byConductance, gradient);
    const byCurrent = (i: number): number => {
      const { drain, source } = this.#flat.transistors[i]!;
      return weight * this.#drivenDrop(drain, source);
    };
    this.#transistors.addGradient(volts, byCurrent, gradient);
  }

  /** v_a − v_b where unknown nodes count 0. */
  #drivenDrop(a: number, b: number): number {
    const size = this.#flat.unknowns.length;
    return (a < size ? 0 : this.#volts[a]!) - (b < size ? 0 : this.#volts[b]!);
  }
}
