import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  idealVoltages,
  scoreOutputs,
  solvedRows,
  type Technology,
  unloadedVoltages,
  variationOf,
} from '@neuroprint/circuit';
import {
  type CaseTable,
  type Circuit,
  type ErrorSpread,
  type NodeTable,
  type Rung,
  regressionOf,
  selectVolts,
  summariseCopies,
  summariseErrors,
  type TrainedNetwork,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { circuitOf } from './devices.ts';
import { solveLaidOut } from './laid-out.ts';
import type { Layered } from './layered.ts';
import { Beside, type Rounds } from './rounds.ts';

/** Nominal node voltages of a circuit, and those of its outputs, row-major [rows × outputs]. */
export interface Solution extends NodeTable {
  readonly outputs: Float64Array;
  readonly meanWatts: number;
}

/** Solves every row of a circuit exactly. Throws where a row has no operating point: then it must not be printed. */
export function solveCircuit(circuit: Circuit, technology: Technology, inputVolts: Float64Array): Solution {
  const flat = flatten(circuit, technology);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const rows = inputVolts.length / circuit.inputs.length;
  // the kernel comes to the solution in a tenth of the time, and what is exact has one step left; a row without it starts cold
  const volts = solvedRows(flat, inputVolts, rows);
  let watts = 0;
  for (let row = 0; row < rows; row += 1) {
    if (!solver.solveRow(inputVolts, row, volts))
      throw new Error(`the exact solver found no operating point for row ${row} of ${circuit.name}`);
    watts += solver.power();
  }
  const table = { nodes: flat.unknowns, rows, volts };
  return { ...table, outputs: selectVolts(table, circuit.outputs), meanWatts: watts / rows };
}

/** What printed copies come to: accuracies, in regression errors. */
type Spread = NonNullable<Rung['underVariation']> | ErrorSpread;

/** What every rung is measured on. */
export interface LadderOptions {
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  /** With their labels, where there are any. */
  readonly cases: Pick<CaseTable, 'rows' | 'inputVolts' | 'labels'>;
  /** Of the copies that are printed under the network's variation. */
  readonly seed: number;
  /** What the circuits are made from. */
  readonly inputHashes?: Readonly<Record<string, string>> | undefined;
}

const COPIES = 100;
/** Copies that are solved one after the other. */
const COPIES_OF_PART = 10;
/** Printed copies of a circuit: every component varied, every case solved. */
const PARTS = Array.from({ length: COPIES / COPIES_OF_PART }, (_, k): [number, number] => [
  k * COPIES_OF_PART,
  (k + 1) * COPIES_OF_PART,
]);

/** The rung of a circuit with the metal of its layout. */
export const LAID_OUT = 'as laid out';

/** Puts the metal of a layout between the devices of a circuit; unknown nodes stay the first ones, in their order. */
export type Metal = (flat: FlatCircuit) => FlatCircuit;

/** The error ladder: what the network, and every circuit on the way to print, does on the cases. A circuit is built and solved once. */
export class Ladder {
  readonly #of: LadderOptions;
  readonly #circuits = new WeakMap<Layered, Circuit>();
  readonly #solutions = new WeakMap<Circuit, Solution>();
  /** What was solved last, by the checksum of its circuit. */
  #last: { readonly checksum: string; readonly solution: Solution } | undefined;
  /** Circuits of the rungs whose copies are asked for. */
  readonly #asked = new WeakMap<Rung, Circuit>();
  #promised: Float64Array | undefined;
  #laidOut: { readonly circuit: Circuit; readonly metal: Metal } | undefined;

  constructor(of: LadderOptions) {
    this.#of = of;
  }

  circuitOf(layered: Layered): Circuit {
    const { network, technology, inputHashes } = this.#of;
    return once(this.#circuits, layered, () => circuitOf(layered, network, technology, inputHashes));
  }

  /** The exact voltages on all cases. */
  solutionOf(circuit: Circuit): Solution {
    const { technology, cases } = this.#of;
    return once(this.#solutions, circuit, () => {
      // some passes change nothing: their circuit is the one before, made again
      const { checksum = '' } = circuit;
      if (this.#last === undefined || checksum === '' || this.#last.checksum !== checksum)
        this.#last = { checksum, solution: solveCircuit(circuit, technology, cases.inputVolts) };
      return this.#last.solution;
    });
  }

  /** The rung of the trained network itself, the promise that the others are measured against. */
  networkRung(): Rung {
    const { regressionMetrics, metrics } = this.#of.network;
    const spread = regressionMetrics?.underVariation ?? metrics?.underVariation ?? null;
    return {
      ...this.#compared('network', this.#promise(), spread, this.#of.network),
      resistors: 0,
      transistors: 0,
      watts: null,
    };
  }

  /**
   * The rung of ideal crossbars and stages that load nothing, every stage with the exact curve of its own values: what differs from the
   * network is the surrogate's doing. `layered` says what it is made of.
   */
  idealRung(step: string, layered: Layered): Rung {
    const { network, technology, cases } = this.#of;
    const outputs = unloadedVoltages(network, technology, cases.inputVolts, cases.rows);
    const circuit = this.circuitOf(layered);
    return { ...this.#compared(step, outputs, null, circuit), ...this.#counts(circuit), watts: null };
  }

  /** The rung of a circuit: its exact voltages. Where asked for and labels are known `withCopies` adds what printed copies come to. */
  circuitRung(step: string, layered: Layered, withCopies = false): Rung {
    return this.rungOf(step, this.circuitOf(layered), withCopies);
  }

  /** The same of a circuit whose values no longer are those of layers. */
  rungOf(step: string, circuit: Circuit, withCopies: boolean): Rung {
    const rung = this.#rung(step, circuit, null);
    if (withCopies && this.#of.cases.labels !== undefined) this.#asked.set(rung, circuit);
    return rung;
  }

  #rung(step: string, circuit: Circuit, spread: Spread | null): Rung {
    const { outputs, meanWatts } = this.solutionOf(circuit);
    return { ...this.#compared(step, outputs, spread, circuit), ...this.#counts(circuit), watts: meanWatts };
  }

  /** Remembers the layout of the circuit that is printed. */
  layOut(circuit: Circuit, metal: Metal | undefined): void {
    this.#laidOut = metal && { circuit, metal };
  }

  /** The rung of the circuit with the metal of its layout, where there is one. Its printed copies are not solved: they have many more nodes. */
  *laidOutRungs(): Rounds<Rung[]> {
    if (this.#laidOut === undefined) return [];
    const { technology, cases } = this.#of;
    const { circuit, metal } = this.#laidOut;
    const { outputs, watts, lines } = yield* solveLaidOut(circuit, technology, metal, cases, this.solutionOf(circuit));
    return [{ ...this.#compared(LAID_OUT, outputs, null, circuit), ...this.#counts(circuit), watts, lines }];
  }

  #promise(): Float64Array {
    const { network, technology, cases } = this.#of;
    this.#promised ??= idealVoltages(network, cases.inputVolts, cases.rows, technology).outputs.at(-1)!;
    return this.#promised;
  }

  /** How some outputs differ from the network's, and what they decide, or say by the line of `by`. */
  #compared(step: string, outputs: Float64Array, spread: Spread | null, by: Pick<Circuit, 'classes' | 'task'>) {
    const { network, cases } = this.#of;
    const promise = this.#promise();
    const classes = network.classes.length;
    const { accuracy: right, regression } = scoreOutputs(by, outputs, cases.labels);
    return {
      step,
      accuracy: right,
      ...(regression === undefined
        ? { underVariation: spread as Rung['underVariation'] }
        : { underVariation: null, regression: { ...regression, underVariation: spread as ErrorSpread | null } }),
      rmsVoltsFromNetwork: Math.sqrt(promise.reduce((sum, v, i) => sum + (outputs[i]! - v) ** 2, 0) / promise.length),
      decisionAgreement:
        regressionOf(network) === undefined ? accuracy(decisions(outputs, classes), decisions(promise, classes)) : null,
    };
  }

  #counts(circuit: Circuit): Pick<Rung, 'resistors' | 'transistors'> {
    const { resistors, transistors } = flatten(circuit, this.#of.technology);
    return { resistors: resistors.length, transistors: transistors.length };
  }

  /**
   * Begins what the rungs wait for, printed copies of the circuits whose copies are asked for, which goes on beside other work; what is returned ends with the
   * rungs, in their order.
   */
  *withCopies(rungs: readonly Rung[]): Rounds<() => Rounds<Rung[]>> {
    const begun: (Rung | { readonly rung: Rung; readonly circuit: Circuit; readonly copies: Beside })[] = [];
    for (const rung of rungs) {
      const circuit = this.#asked.get(rung);
      const copies = circuit && new Beside({ kind: 'copies', circuit, parts: PARTS });
      if (copies !== undefined) yield copies;
      begun.push(copies === undefined ? rung : { rung, circuit: circuit!, copies });
    }
    const rungOf = this.#rung.bind(this);
    const variation = variationOf(this.#of.network.variation);
    return function* () {
      const out: Rung[] = [];
      for (const one of begun) {
        if (!('copies' in one)) out.push(one);
        else {
          const scores = Float64Array.from(
            ((yield one.copies) as readonly Float64Array[]).flatMap((some) => [...some]),
          );
          const summarise = regressionOf(one.circuit) === undefined ? summariseCopies : summariseErrors;
          out.push(rungOf(one.rung.step, one.circuit, summarise(scores, variation)));
        }
      }
      return out;
    };
  }
}

/** The known value of a key, or a new one that is known from then on. */
function once<K extends WeakKey, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = make();
  known.set(key, value);
  return value;
}
