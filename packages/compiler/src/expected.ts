import { decisions } from '@neuroprint/circuit';
import type { Circuit } from '@neuroprint/core';
import type { Solution } from './ladder.ts';

/** The cases that a netlist is verified on. */
export interface Cases {
  /** Row-major [cases × inputs]. */
  readonly volts: Float64Array;
  /** Class indices, where the cases come from a table. */
  readonly labels: Int32Array | undefined;
  /** Rows of that table, counted from 1 without the header; for generated cases their number. */
  readonly rows: Int32Array;
}

/**
 * expected.csv: per case its row in the table, its label, the input volts, the volts of every node by the exact solver, and the
 * class that the circuit decides. Numbers are written so that they read back to the same bits.
 */
export function expectedCsv(circuit: Circuit, solution: Solution, cases: Cases): string {
  const inputs = circuit.inputs.length;
  const nodes = solution.nodes.length;
  const decided = decisions(solution.outputs, circuit.classes.length);
  const quoted = circuit.classes.map(quote);
  const lines = [['case', 'row', 'label', ...circuit.inputs, ...solution.nodes, 'decision'].join(',')];
  for (let at = 0; at < cases.rows.length; at += 1) {
    const label = cases.labels === undefined ? '' : quoted[cases.labels[at]!]!;
    lines.push(
      [
        at,
        cases.rows[at]!,
        label,
        ...cases.volts.subarray(at * inputs, (at + 1) * inputs),
        ...solution.volts.subarray(at * nodes, (at + 1) * nodes),
        quoted[decided[at]!]!,
      ].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** A CSV cell. */
export function quote(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
