import { LinkedModule } from '@neuroprint/numeric';
import type { FlatCircuit, FlatTransistor } from '../../ir/flatten.ts';
import { derive } from '../../law/derive.ts';
import { type CompiledLaw, compileNodes } from '../../law/evaluate.ts';
import { emitLaws } from '../../law/kernel/emit.ts';
import { type KernelLaw, planLaw } from '../../law/kernel/plan.ts';
import { livingLaw } from '../../law/law.ts';
import type { TransistorKind } from '../../technology/transistor.ts';
import { deviceLaw } from '../device.ts';

/** The transistors of one kind in a block. */
export interface KernelGroup {
  readonly law: KernelLaw;
  /** Places in the flat circuit: those with a driven source, then all others. */
  readonly grounded: readonly number[];
  readonly floating: readonly number[];
}

/** The law of a kind as the kernel has it, and its functions of the device alone. */
interface PlannedLaw {
  readonly law: KernelLaw;
  /** Writes the device's quantities, then the derivatives of its strength by each of its names. */
  readonly evaluate: CompiledLaw;
  readonly celsius: number;
}

/** A transistor with room for what is computed of it. */
interface KernelDevice {
  readonly transistor: FlatTransistor;
  readonly of: PlannedLaw;
  /** Width, length and own parameters, and the place of each among the law's `outputNames`, or −1. */
  readonly components: readonly number[];
  readonly inside: readonly number[];
  readonly own: Float64Array;
  readonly result: Float64Array;
}

function kernelDevice(transistor: FlatTransistor, of: PlannedLaw): KernelDevice {
  const { deviceNames, deviceNodes, outputNames } = of.law;
  return {
    ...{ transistor, of },
    components: [transistor.width, transistor.length, ...transistor.parameters],
    inside: deviceNames.map((name) => outputNames.indexOf(name)),
    own: new Float64Array(transistor.parameters.length),
    result: new Float64Array(deviceNodes.length + deviceNames.length),
  };
}

/** What was planned for a kind, by what it was planned for: a circuit whose topology changes is planned anew many times. */
const planned = new WeakMap<TransistorKind, Map<string, PlannedLaw>>();
/** Modules by the first of their laws. */
const modules = new WeakMap<KernelLaw, { readonly laws: readonly KernelLaw[]; readonly module: LinkedModule }[]>();
const noLaw: LinkedModule[] = [];

/** The transistors of a circuit in the kernel. */
export class KernelDevices {
  /** Per block its groups, every kind of the circuit in each. */
  readonly blocks: readonly (readonly KernelGroup[])[];
  readonly module: LinkedModule;
  /** Numbers of the values and of the outputs of all transistors, in the order of the blocks and groups. */
  readonly valueCount: number;
  readonly outputCount: number;
  /** Every transistor in the kernel's order. */
  readonly devices: readonly KernelDevice[];
  /** What `setValues` found of all devices. */
  readonly #found: Float64Array;

  constructor(
    flat: FlatCircuit,
    volts: readonly [low: number, high: number],
    blocks: number,
    blockOf: (transistor: FlatTransistor) => number,
  ) {
    const { transistors, technology, unknowns } = flat;
    const models = [...new Set(transistors.map(({ model }) => model))];
    const laws = models.map((model) => {
      const hasOwn = transistors.some((one) => one.model === model && one.parameters.length > 0);
      return plannedLaw(technology.transistors[model]!, hasOwn, technology.celsius, volts);
    });
    const isGrounded = (i: number): boolean => transistors[i]!.source >= unknowns.length;
    const block = transistors.map(blockOf);
    this.blocks = Array.from({ length: blocks }, (_, b) =>
      models.map((model, k) => {
        const places = [...transistors.keys()].filter((i) => block[i] === b && transistors[i]!.model === model);
        return {
          law: laws[k]!.law,
          grounded: places.filter(isGrounded),
          floating: places.filter((i) => !isGrounded(i)),
        };
      }),
    );
    this.module = moduleOf(laws.map(({ law }) => law));
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
    const counts = (of: (law: KernelLaw) => number): number =>
      sum(this.blocks.flat().map(({ law, grounded, floating }) => of(law) * (grounded.length + floating.length)));
    this.devices = this.blocks.flatMap((groups) =>
      groups.flatMap(({ grounded, floating }, k) =>
        [...grounded, ...floating].map((i) => kernelDevice(transistors[i]!, laws[k]!)),
      ),
    );
    this.#found = new Float64Array(sum(this.devices.map(({ result }) => result.length)));
    this.valueCount = counts(({ deviceNodes }) => deviceNodes.length);
    this.outputCount = counts(({ outputs }) => outputs.length);
  }

  /** Writes what the kernel needs of every device; false where parameters lie beyond what the tables hold. */
  setValues(values: Float64Array, out: Float64Array): boolean {
    let at = 0;
    let from = 0;
    let isInside = true;
    const found = this.#found;
    for (const { transistor, of, own, result } of this.devices) {
      const { deviceNodes, ownBounds } = of.law;
      const { width, length, parameters } = transistor;
      for (let k = 0; k < own.length; k += 1) {
        own[k] = values[parameters[k]!]!;
        const [low, high] = ownBounds[k]!;
        if (!(own[k]! >= low && own[k]! <= high)) isInside = false;
      }
      of.evaluate(0, 0, 0, values[width]!, values[length]!, of.celsius, own, result);
      for (let k = 0; k < result.length; k += 1) found[from + k] = result[k]!;
      for (let k = 0; k < deviceNodes.length; k += 1) out[at + k] = result[k]!;
      at += deviceNodes.length;
      from += result.length;
    }
    return isInside;
  }

  /** Adds the derivatives by the component values set last, given those by the outputs (every second number: one lane). */
  addGradient(byOutput: Float64Array, lane: 0 | 1, gradient: Float64Array): void {
    let at = lane as number;
    let from = 0;
    const found = this.#found;
    for (const { of, components, inside, result } of this.devices) {
      const slopes = from + of.law.deviceNodes.length;
      for (let k = 0; k < components.length; k += 1) {
        let by = byOutput[at]! * found[slopes + k]!;
        if (inside[k]! >= 0) by += found[from]! * byOutput[at + 2 * (1 + inside[k]!)]!;
        gradient[components[k]!]! += by;
      }
      at += 2 * of.law.outputs.length;
      from += result.length;
    }
  }
}

function plannedLaw(
  kind: TransistorKind,
  hasOwn: boolean,
  celsius: number,
  volts: readonly [low: number, high: number],
): PlannedLaw {
  const known = planned.get(kind) ?? new Map<string, PlannedLaw>();
  planned.set(kind, known);
  const key = `${hasOwn} ${celsius} ${volts.join()}`;
  let found = known.get(key);
  if (found === undefined) {
    const law = planLaw(kind, deviceLaw(kind).isFloating, hasOwn, celsius, volts);
    const { deviceNames, deviceNodes } = law;
    const slopes = deviceNames.map((name) => derive(livingLaw(kind.law).graph, deviceNodes[0]!, name));
    found = { law, evaluate: compileNodes([...deviceNodes, ...slopes], deviceNames.slice(2)), celsius };
    known.set(key, found);
  }
  return found;
}

function moduleOf(laws: readonly KernelLaw[]): LinkedModule {
  const [first] = laws;
  if (first === undefined) {
    noLaw[0] ??= new LinkedModule(emitLaws([]));
    return noLaw[0];
  }
  const known = modules.get(first) ?? [];
  modules.set(first, known);
  let found = known.find((one) => one.laws.length === laws.length && one.laws.every((law, i) => law === laws[i]));
  if (found === undefined) {
    found = { laws, module: new LinkedModule(emitLaws(laws)) };
    known.push(found);
  }
  return found.module;
}
