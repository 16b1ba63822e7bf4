import {
  type AdjointRequest,
  BatchSolver,
  componentValues,
  type FlatCircuit,
  flatten,
  loadTechnology,
  type Technology,
} from '@neuroprint/circuit';
import {
  type CaseTable,
  type Circuit,
  type Device,
  parseCaseTable,
  readTextFile,
  regressionOf,
  selectColumns,
  sensorInWords,
  type TrainedNetwork,
  UsageError,
  unitsOf,
  voltsOfValue,
} from '@neuroprint/core';
import { argmax, decisions, margins } from '@neuroprint/numeric';
import { parseNetlist } from '@neuroprint/spice';
import { extractCircuit, NoOperatingPointError, readNetlistFolder } from '@neuroprint/verifier';
import type { Changes, Score } from '../circuit-view.ts';
import { type Judged, scoreOf } from './score.ts';

/** Rows that are timed at once, and how often: the least is what the solver takes, the rest is what else the machine does. */
const TIMED_ROWS = 100;
const TIMES = 5;

/** What one row comes to. */
interface Row {
  readonly volts: Float64Array;
  readonly outputVolts: readonly number[];
  readonly decision: number | undefined;
  readonly marginVolts: number | undefined;
  readonly prediction: number | undefined;
}

/**
 * A compiled circuit that somebody plays with: flattened once, then solved row by row and for all its cases, with whatever values its
 * components are given.
 */
export class OpenCircuit {
  /** The circuit as its netlist has it. */
  readonly circuit: Circuit;
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  readonly flat: FlatCircuit;
  /** Values as they are in the netlist. */
  readonly nominal: Float64Array;
  readonly cases: CaseTable;
  /** Places of the outputs among the unknown nodes. */
  readonly outputs: readonly number[];
  readonly judged: Judged;
  /** Of the exact solver, from the row before. */
  readonly microsecondsPerRow: number;
  readonly #places: ReadonlyMap<string, number>;
  readonly #solver: BatchSolver;
  /** Of the row solved last, from which the next one starts. */
  readonly #state: Float64Array;
  /** All cases as the circuit is: where others start. */
  readonly #solved: Float64Array;

  constructor(circuit: Circuit, network: TrainedNetwork, technology: Technology, cases: CaseTable) {
    this.circuit = circuit;
    this.network = network;
    this.technology = technology;
    this.cases = cases;
    this.flat = flatten(circuit, technology);
    this.nominal = componentValues(this.flat);
    this.outputs = circuit.outputs.map((node) => this.flat.unknowns.indexOf(node));
    this.#places = new Map(this.flat.components.map(({ name }, k) => [name, k]));
    this.#solver = new BatchSolver(this.flat);
    this.#state = this.#solver.newState(1);
    this.#solver.setValues(this.nominal);
    this.#solved = this.#solver.newState(cases.rows);
    this.#solver.solve(cases.inputVolts, cases.rows, this.#solved);
    this.judged = {
      labels: cases.labels,
      line: regressionOf(circuit),
      before: decisions(this.#outputsOf(this.#solved), this.outputs.length),
    };
    this.microsecondsPerRow = this.#measure();
  }

  /** The volts of the outputs over all cases, row-major [rows × outputs]. */
  get outputTable(): Float64Array {
    return this.#outputsOf(this.#solved);
  }

  /** The values with changes. Throws UsageError for a component that is not there, and for a value that none can have. */
  valuesWith(changes: Changes): Float64Array {
    const values = this.nominal.slice();
    for (const [name, value] of Object.entries(changes)) {
      const at = this.#places.get(name);
      if (at === undefined) throw new UsageError(`${this.circuit.name} has no component ${name}.`);
      if (!(value > 0 && Number.isFinite(value)))
        throw new UsageError(`${name} cannot be ${value}: a value is a number above 0.`);
      values[at] = value;
    }
    return values;
  }

  /** The circuit with other values. */
  circuitWith(changes: Changes): Circuit {
    const change = (device: Device): Device => {
      if (device.kind === 'opamp') return device;
      if (device.kind === 'resistor') return { ...device, ohms: changes[device.name] ?? device.ohms };
      const values = Object.entries(device.values).map(([name, value]) => [
        name,
        changes[`${device.name}.${name}`] ?? value,
      ]);
      return { ...device, values: Object.fromEntries(values) };
    };
    return { ...this.circuit, devices: this.circuit.devices.map(change) };
  }

  /** Volts of the inputs for values in the units of the table, held at the ends of their ranges. */
  inputVolts(values: readonly number[]): Float64Array {
    const { inputs } = this.network;
    if (values.length !== inputs.length || values.some((value) => !Number.isFinite(value)))
      throw new UsageError(`${this.circuit.name} takes ${inputs.length} numbers, and was given ${values.join(', ')}.`);
    return Float64Array.from(inputs, (input, k) => voltsOfValue(input, values[k]!));
  }

  /** Such volts in the units of the table. */
  inputWords(inputVolts: Float64Array): string[] {
    return this.network.inputs.map((input, k) => sensorInWords(input, inputVolts[k]!));
  }

  /** One row, exactly. Throws NoOperatingPointError. */
  row(inputVolts: Float64Array, values: Float64Array): Row {
    this.#solver.setValues(values);
    this.#solveOne(inputVolts);
    return this.read(this.#state);
  }

  /** Reads solved nodes. */
  read(state: Float64Array): Row {
    const outputVolts = this.outputs.map((at) => state[at]!);
    const { line } = this.judged;
    const isDecided = line === undefined && !Number.isNaN(outputVolts[0]!);
    return {
      volts: state.slice(),
      outputVolts,
      decision: isDecided ? argmax(outputVolts) : undefined,
      marginVolts: isDecided ? margins(Float64Array.from(outputVolts), outputVolts.length)[0] : undefined,
      prediction: line && unitsOf(line, outputVolts)[0],
    };
  }

  /** ∂v/∂value of every output by every component, at these inputs and values. Throws NoOperatingPointError. */
  gradientsAt(inputVolts: Float64Array, values: Float64Array): Float64Array[] {
    this.#solver.setValues(values);
    return this.outputs.map((at) => {
      const gradient = new Float64Array(values.length);
      const seed = (_: number, byNode: Float64Array): boolean => {
        byNode[at] = 1;
        return true;
      };
      this.#solveOne(inputVolts, { seed, gradient });
      return gradient;
    });
  }

  /** All cases with these values. */
  judge(values: Float64Array): Score {
    this.#solver.setValues(values);
    const state = this.#solved.slice();
    this.#solver.solve(this.cases.inputVolts, this.cases.rows, state);
    return scoreOf(this.#outputsOf(state), this.outputs.length, this.judged);
  }

  #solveOne(inputVolts: Float64Array, adjoint?: AdjointRequest): void {
    if (this.#solver.solveRows(inputVolts, Int32Array.of(0), this.#state, adjoint).length > 0)
      throw new NoOperatingPointError('The circuit has no operating point at these inputs, with these values.');
  }

  #outputsOf(state: Float64Array): Float64Array {
    return selectColumns(state, this.flat.unknowns.length, this.outputs);
  }

  /** Cases one after the other, each from the one before, as inputs move under a hand; many, because the clock of a page is coarse. */
  #measure(): number {
    const { inputVolts, rows } = this.cases;
    const width = this.flat.inputs.length;
    let least = Number.POSITIVE_INFINITY;
    for (let time = 0; time < TIMES; time += 1) {
      const began = performance.now();
      for (let i = 0; i < TIMED_ROWS; i += 1) {
        const row = (time * TIMED_ROWS + i) % rows;
        this.#solver.solve(inputVolts.subarray(row * width, (row + 1) * width), 1, this.#state);
      }
      least = Math.min(least, performance.now() - began);
    }
    return (1000 * least) / TIMED_ROWS;
  }
}

/** Opens a folder that compile wrote; technologies are looked up in `templates`. Throws as `verify` does where its files are wrong. */
export function openCircuit(folder: string, templates: string): OpenCircuit {
  const netlist = readNetlistFolder(folder);
  const { circuit, network, netlistText, netlistFile } = netlist;
  const technology = loadTechnology(templates, circuit.technology);
  const file = `${netlist.folder}/expected.csv`;
  const cases = parseCaseTable(file, readTextFile(file), circuit);
  const printed = extractCircuit(parseNetlist(netlistText, netlistFile), circuit, technology);
  return new OpenCircuit({ ...circuit, ...printed }, network, technology, cases);
}
