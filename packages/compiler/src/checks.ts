import { describeOrigin, type Technology } from '@neuroprint/circuit';
import { type Circuit, NeuroprintError } from '@neuroprint/core';
import { parseNetlist } from '@neuroprint/spice';
import { type Draft, devicesOf, isInverted } from './draft.ts';
import type { PrintGrid } from './print/grid.ts';
import { DraftVariables } from './print/variables.ts';

/** A pass gave something that the next one must not get: a fault of the compiler or of a technology, with its place. */
class PassCheckError extends NeuroprintError {
  override readonly exitCode = 1;

  constructor(place: string, message: string) {
    super(`${place}: ${message}`, 'This should not happen; please report it with the network file.');
  }
}

function eachEntry(draft: Draft, visit: (siemens: number, place: string) => void): void {
  draft.layers.forEach((layer, l) => {
    layer.siemens.forEach((siemens, at) => {
      visit(siemens, `layer ${l}, row ${Math.floor(at / layer.columns)}, column ${at % layer.columns}`);
    });
  });
}

/** Every conductance is a number, every stage is complete, and layers fit together. */
export function checkShape(draft: Draft): void {
  eachEntry(draft, (siemens, place) => {
    if (!Number.isFinite(siemens)) throw new PassCheckError(place, `the conductance is ${siemens}`);
  });
  draft.layers.forEach((layer, l) => {
    if (layer.siemens.length !== (layer.inputs + 2) * layer.columns)
      throw new PassCheckError(`layer ${l}`, `${layer.siemens.length} conductances for ${layer.inputs} inputs`);
    if (l > 0 && draft.layers[l - 1]!.columns !== layer.inputs)
      throw new PassCheckError(`layer ${l}`, `${layer.inputs} inputs after ${draft.layers[l - 1]!.columns} outputs`);
  });
}

/** Every column keeps a conductance that drives it. */
export function checkDriven(draft: Draft): void {
  draft.layers.forEach((layer, l) => {
    for (let c = 0; c < layer.columns; c += 1)
      if (!layer.siemens.some((siemens, at) => at % layer.columns === c && siemens !== 0))
        throw new PassCheckError(`layer ${l}, column ${c}`, 'nothing drives the node');
  });
}

/** Every conductance lies in the printable range. */
export function checkRange(draft: Draft, technology: Technology): void {
  const { minOhms, maxOhms } = technology.crossbar;
  eachEntry(draft, (siemens, place) => {
    const ohms = 1 / Math.abs(siemens);
    if (siemens !== 0 && !(ohms >= minOhms * (1 - 1e-9) && ohms <= maxOhms * (1 + 1e-9)))
      throw new PassCheckError(place, `${ohms} ohms cannot be printed`);
  });
}

/** One falling stage for each input that some column takes negated, and none besides. */
export function checkInverters(draft: Draft, technology: Technology): void {
  const devices = devicesOf(draft, technology);
  draft.layers.forEach((layer, l) => {
    for (let i = 0; i < layer.inputs; i += 1) {
      const count = devices.filter(
        ({ origin }) => origin.role === 'falling' && origin.layer === l && origin.row === i,
      ).length;
      const needed = isInverted(layer, i) ? 1 : 0;
      if (count !== needed)
        throw new PassCheckError(`layer ${l}, row ${i}`, `${count} falling stages, and ${needed} are needed`);
    }
  });
}

/** Every value that is printed is a printable one. */
export function checkGrid(draft: Draft, technology: Technology, grid: PrintGrid): void {
  const variables = new DraftVariables(draft, technology);
  const values = variables.values();
  variables.list.forEach((variable, v) => {
    const printable = grid.values(variable)[grid.nearest(variable, values[v]!)]!;
    const { layer, where, at, parameter } = variable;
    if (Math.abs(values[v]! / printable - 1) > 1e-9)
      throw new PassCheckError(
        `layer ${layer}, ${where} ${at}, value ${parameter}`,
        `${values[v]} ${variable.unit} is not printable`,
      );
  });
}

/** The emitted text is a netlist, with as many devices as the circuit. */
export function checkText(netlist: string, circuit: Circuit): void {
  const parsed = parseNetlist(netlist, 'netlist.cir').subckts.find(({ name }) => name === 'network');
  const written = new Set([
    ...(parsed?.resistors ?? []).map(({ name }) => name),
    ...(parsed?.instances ?? []).map(({ name }) => name.slice(1)),
  ]);
  for (const { name, origin } of circuit.devices)
    if (!written.has(name)) throw new PassCheckError(`${name} (${describeOrigin(origin)})`, 'is not in netlist.cir');
}
