import { UsageError } from '@neuroprint/core';
import type { Layout } from '@neuroprint/layout';
import { renderNetlist } from '@neuroprint/spice';
import type { Changes, CircuitSession, Drawing, Shade } from '../circuit-view.ts';
import { checkRow } from './check.ts';
import { caseOf, describeCircuit } from './describe.ts';
import { layoutDrawing, placedLayout, schematicOf, shadingOf } from './drawings.ts';
import { faultsOfDevice } from './faults.ts';
import { type OpenCircuit, openCircuit } from './open-circuit.ts';
import { type MarginSensitivity, marginSensitivity, sensitivityOf } from './sensitivity.ts';

/** The circuit that is open, and the answers that took long and may be asked for again. */
export class CircuitDesk implements CircuitSession {
  readonly #templates: string;
  #open: OpenCircuit | undefined;
  #layout: Layout | { readonly none: string } | undefined;
  #margins: { readonly of: string; readonly found: MarginSensitivity | undefined } | undefined;

  /** Technologies are looked up in the folder `templates`. */
  constructor(templates: string) {
    this.#templates = templates;
  }

  async circuit(folder: string) {
    this.#open = openCircuit(folder, this.#templates);
    this.#layout = undefined;
    this.#margins = undefined;
    return describeCircuit(this.#open);
  }

  async drawing(which: 'schematic' | 'layout', shade: Shade, changes: Changes): Promise<Drawing> {
    const open = this.#opened();
    const shading = shadingOf(open, shade, changes, shade === 'none' ? undefined : this.#marginsOf(open, changes));
    if (which === 'schematic') return schematicOf(open, changes, shading);
    this.#layout ??= placedLayout(open);
    return 'none' in this.#layout ? this.#layout : layoutDrawing(this.#layout, shading);
  }

  async caseRow(k: number) {
    const open = this.#opened();
    if (!Number.isInteger(k) || k < 0 || k >= open.cases.rows)
      throw new UsageError(`${open.circuit.name} has ${open.cases.rows} rows, and no row ${k}.`);
    return caseOf(open, k);
  }

  async solve(values: readonly number[], changes: Changes) {
    const open = this.#opened();
    const inputVolts = open.inputVolts(values);
    return {
      ...open.row(inputVolts, open.valuesWith(changes)),
      inputVolts: [...inputVolts],
      inputWords: open.inputWords(inputVolts),
    };
  }

  async check(values: readonly number[], changes: Changes) {
    const open = this.#opened();
    return checkRow(open, open.inputVolts(values), changes);
  }

  async judge(changes: Changes) {
    const open = this.#opened();
    return open.judge(open.valuesWith(changes));
  }

  async sensitivity(device: string, values: readonly number[], changes: Changes) {
    const open = this.#opened();
    const margins = this.#marginsOf(open, changes);
    return sensitivityOf(open, device, open.inputVolts(values), open.valuesWith(changes), margins);
  }

  async faults(device: string, values: readonly number[], changes: Changes) {
    const open = this.#opened();
    return faultsOfDevice(open, device, open.inputVolts(values), open.valuesWith(changes));
  }

  async netlist(changes: Changes): Promise<string> {
    const open = this.#opened();
    open.valuesWith(changes);
    return renderNetlist(open.circuitWith(changes), open.technology, open.network.inputs);
  }

  #opened(): OpenCircuit {
    if (this.#open === undefined) throw new UsageError('No circuit is open.', 'Compile a network, or open a folder.');
    return this.#open;
  }

  #marginsOf(open: OpenCircuit, changes: Changes): MarginSensitivity | undefined {
    const of = JSON.stringify(changes);
    if (this.#margins?.of !== of) this.#margins = { of, found: marginSensitivity(open, open.valuesWith(changes)) };
    return this.#margins.found;
  }
}
