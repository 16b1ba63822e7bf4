import { NeuroprintError } from '@neuroprint/core';
import type { PortModel } from './port.ts';

/** A stage of a network: its model, component values in ohms and metres, and its nodes. */
export interface PortStage {
  readonly model: PortModel;
  readonly values: Float64Array;
  readonly input: string;
  readonly output: string;
}

/** Crossbar resistors and stages between named nodes, some of which are held. */
export interface PortNetwork {
  readonly resistors: readonly { readonly nodes: readonly [string, string]; readonly ohms: number }[];
  readonly stages: readonly PortStage[];
  /** Volts of the held nodes: ground, supplies, inputs. */
  readonly heldVolts: Readonly<Record<string, number>>;
}

/** Newton's method found no voltages at which all currents cancel. */
export class PortNetworkError extends NeuroprintError {
  override readonly exitCode = 1;
}

const SOLVED_VOLTS = 1e-9;
const LARGEST_STEP_VOLTS = 0.1;
const MOST_STEPS = 200;

/**
 * The volts of all nodes of a loaded network: Σ currents = 0 at every node that is not held, by Newton's method with the
 * steps limited, from the middle of the held volts. Throws PortNetworkError where there is no solution.
 */
export function solvePortNetwork({ resistors, stages, heldVolts }: PortNetwork): Map<string, number> {
  const touched = [
    ...resistors.flatMap(({ nodes }) => nodes),
    ...stages.flatMap(({ input, output }) => [input, output]),
  ];
  const free = [...new Set(touched)].filter((node) => !Object.hasOwn(heldVolts, node));
  const place = new Map(free.map((node, i) => [node, i]));
  const held = Object.values(heldVolts);
  const start = 0.5 * (Math.min(...held) + Math.max(...held));
  const volts = new Float64Array(free.length).fill(start);
  const at = (node: string) => heldVolts[node] ?? volts[place.get(node)!]!;
  const logs = stages.map(({ values }) => values.map(Math.log));
  const n = free.length;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const matrix = new Float64Array(n * n);
    const residual = new Float64Array(n);
    const add = (node: string, current: number, slopes: readonly (readonly [string, number])[]) => {
      const row = place.get(node);
      if (row === undefined) return;
      residual[row]! += current;
      for (const [by, siemens] of slopes) {
        const column = place.get(by);
        if (column !== undefined) matrix[row * n + column]! += siemens;
      }
    };
    for (const { nodes, ohms } of resistors) {
      const [a, b] = nodes;
      const current = (at(a) - at(b)) / ohms;
      add(a, current, [
        [a, 1 / ohms],
        [b, -1 / ohms],
      ]);
      add(b, -current, [
        [b, 1 / ohms],
        [a, -1 / ohms],
      ]);
    }
    stages.forEach(({ model, input, output }, i) => {
      const inputVolts = Float64Array.of(at(input));
      const into = model.currents(logs[i]!, inputVolts, Float64Array.of(at(output)));
      add(output, into.value[0]!, [
        [output, into.byOutput[0]!],
        [input, into.byInput[0]!],
      ]);
      const gate = model.inputCurrents(logs[i]!, inputVolts);
      add(input, gate.value[0]!, [[input, gate.byInput[0]!]]);
    });
    solveLinear(matrix, residual);
    let largest = 0;
    residual.forEach((change, i) => {
      largest = Math.max(largest, Math.abs(change));
      volts[i] = volts[i]! - Math.max(-LARGEST_STEP_VOLTS, Math.min(LARGEST_STEP_VOLTS, change));
    });
    if (Number.isNaN(largest)) break;
    if (largest < SOLVED_VOLTS) return new Map(free.map((node, i) => [node, volts[i]!]));
  }
  throw new PortNetworkError(
    'No voltages were found at which all currents of the network cancel.',
    'Check for floating nodes.',
  );
}

/** A·x = b by elimination with row exchange; x takes the place of `b`, and the matrix [n × n] is destroyed. */
function solveLinear(matrix: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let k = 0; k < n; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(matrix[i * n + k]!) > Math.abs(matrix[pivot * n + k]!)) pivot = i;
    if (pivot !== k) {
      for (let j = k; j < n; j += 1) {
        const kept = matrix[k * n + j]!;
        matrix[k * n + j] = matrix[pivot * n + j]!;
        matrix[pivot * n + j] = kept;
      }
      [b[k], b[pivot]] = [b[pivot]!, b[k]!];
    }
    for (let i = k + 1; i < n; i += 1) {
      const factor = matrix[i * n + k]! / matrix[k * n + k]!;
      if (factor === 0) continue;
      for (let j = k; j < n; j += 1) matrix[i * n + j]! -= factor * matrix[k * n + j]!;
      b[i]! -= factor * b[k]!;
    }
  }
  for (let k = n - 1; k >= 0; k -= 1) {
    for (let j = k + 1; j < n; j += 1) b[k]! -= matrix[k * n + j]! * b[j]!;
    b[k]! /= matrix[k * n + k]!;
  }
}
