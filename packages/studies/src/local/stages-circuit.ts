import { componentValues, ExactSolver, flatten, type Technology } from '@neuroprint/circuit';
import { type Device, UsageError } from '@neuroprint/core';
import { ACTIVATION_CELL, FALLING_CELL } from '@neuroprint/training';
import type { StagePhysics, StageShape } from './stages.ts';

/** Component values of both cells, in ohms and metres. */
export interface StageDesign {
  readonly activation: Readonly<Record<string, number>>;
  readonly falling: Readonly<Record<string, number>>;
}

/**
 * The exact circuit of a network of stages: every device equation, every node, stages loaded by the crossbars behind them. Rows are
 * solved warm, each from the one before.
 */
export class StageCircuit implements StagePhysics {
  readonly #shape: StageShape;
  readonly #solver: ExactSolver;
  readonly #values: Float64Array;
  /** Component of every conductance. */
  readonly #components: Int32Array;
  readonly #nodes: { readonly columns: Int32Array; readonly seen: Int32Array; readonly outputs: Int32Array };
  readonly #drive: Float64Array;
  #state: Float64Array;

  constructor(technology: Technology, design: StageDesign, shape: StageShape) {
    this.#shape = shape;
    const { inputs, hidden, classes } = shape;
    const devices: Device[] = [];
    const names: string[] = [];
    const resistor = (from: string, to: string, layer: number, row: number, column: number): void => {
      const name = `r_l${layer}_i${row}_c${column}`;
      names.push(name);
      const origin = { role: 'crossbar', layer, row, column } as const;
      devices.push({ kind: 'resistor', name, nodes: [from, to], ohms: 1e6, origin });
    };
    const sources = Array.from({ length: inputs }, (_, i) => `x_${i}`);
    [...sources, 'one', '0'].forEach((from, i) => {
      for (let j = 0; j < hidden; j += 1) resistor(from, `z_l0_c${j}`, 0, i, j);
    });
    for (let j = 0; j < hidden; j += 1) {
      const stage = (name: string, cell: string, from: string, to: string, values: Readonly<Record<string, number>>) =>
        devices.push({
          ...{ kind: 'stage', name, cell, input: from, output: to, values },
          origin: { role: cell === ACTIVATION_CELL ? 'activation' : 'falling', layer: 0, column: j },
        });
      stage(`act_l0_c${j}`, ACTIVATION_CELL, `z_l0_c${j}`, `y_l0_c${j}`, design.activation);
      stage(`neg_l1_i${j}`, FALLING_CELL, `y_l0_c${j}`, `inv_l1_i${j}`, design.falling);
    }
    const column = (prefix: string) => Array.from({ length: hidden }, (_, j) => `${prefix}${j}`);
    const seen = [...column('y_l0_c'), ...column('inv_l1_i'), 'one', '0'];
    seen.forEach((from, i) => {
      for (let k = 0; k < classes; k += 1) resistor(from, `z_l1_c${k}`, 1, i, k);
    });
    const flat = flatten({ inputs: [...sources, 'one'], devices }, technology);
    this.#solver = new ExactSolver(flat);
    this.#values = componentValues(flat);
    const componentOf = new Map(flat.components.map(({ name }, i) => [name, i]));
    this.#components = Int32Array.from(names, (name) => componentOf.get(name)!);
    const nodeOf = (name: string): number => flat.unknowns.indexOf(name);
    this.#nodes = {
      columns: Int32Array.from(column('z_l0_c'), nodeOf),
      seen: Int32Array.from(seen.slice(0, 2 * hidden), nodeOf),
      outputs: Int32Array.from({ length: classes }, (_, k) => nodeOf(`z_l1_c${k}`)),
    };
    this.#drive = new Float64Array(inputs + 1).fill(1);
    this.#state = this.#solver.newState(1);
  }

  refresh(siemens: Float64Array): void {
    this.#components.forEach((component, i) => {
      this.#values[component] = 1 / siemens[i]!;
    });
    this.#solver.setValues(this.#values);
  }

  solve(volts: Float64Array, columns: Float64Array, seen: Float64Array, outputs: Float64Array): void {
    this.#drive.set(volts.subarray(0, this.#shape.inputs));
    if (!this.#solver.solveRow(this.#drive, 0, this.#state)) {
      this.#state = this.#solver.newState(1);
      throw new UsageError('The exact solver found no operating point of the network of stages.');
    }
    const read = (nodes: Int32Array, into: Float64Array): void =>
      nodes.forEach((node, i) => {
        into[i] = this.#state[node]!;
      });
    read(this.#nodes.columns, columns);
    read(this.#nodes.seen, seen);
    read(this.#nodes.outputs, outputs);
  }

  addDescent(errors: Float64Array, siemens: Float64Array, out: Float64Array): void {
    const byNode = new Float64Array(this.#solver.size);
    this.#nodes.outputs.forEach((node, k) => {
      byNode[node] = errors[k]!;
    });
    const byValue = new Float64Array(this.#values.length);
    this.#solver.addGradient(byNode, byValue);
    // ∂/∂ln g = −R·∂/∂R
    this.#components.forEach((component, i) => {
      out[i]! -= byValue[component]! / siemens[i]!;
    });
  }
}
