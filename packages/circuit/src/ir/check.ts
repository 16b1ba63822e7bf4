import { type Circuit, constraintSlack, NeuroprintError, parseConstraint, ROUNDING } from '@neuroprint/core';
import { findCell, type Technology } from '../technology/technology.ts';
import { describeOrigin } from './describe.ts';
import { opampLaw } from './flatten.ts';

/** A circuit that cannot be built: the device or node, what it was made for, and what is wrong. */
class CircuitError extends NeuroprintError {
  override readonly exitCode = 2;
}

/**
 * Checks a circuit against its technology: names used once, every output and every stage input driven, every resistor with an end at an
 * input, a supply, ground or the output of a stage, resistances printable, stage values complete, in range and within their constraints.
 * Throws CircuitError that names the device and its origin.
 */
export function checkCircuit(circuit: Circuit, technology: Technology): void {
  const names = new Set<string>();
  const reserved = new Set(['0', ...Object.keys(technology.supplies)]);
  for (const node of circuit.inputs) {
    if (reserved.has(node)) throw new CircuitError(`The input ${node} has the name of a supply.`);
  }
  if (circuit.outputs.length !== circuit.classes.length) {
    throw new CircuitError(`There are ${circuit.outputs.length} outputs and ${circuit.classes.length} classes.`);
  }
  const driven = new Set([...reserved, ...circuit.inputs]);
  const gates = new Map<string, string>();
  const resistors: { readonly where: string; readonly nodes: readonly [string, string] }[] = [];
  for (const device of circuit.devices) {
    const where = `${device.name} (${describeOrigin(device.origin)})`;
    if (names.has(device.name)) throw new CircuitError(`${where}: the name is used twice.`);
    names.add(device.name);
    if (device.kind === 'resistor') {
      const { minOhms, maxOhms } = technology.crossbar;
      const slack = 1 + ROUNDING;
      if (device.ohms * slack < minOhms || device.ohms > maxOhms * slack) {
        throw new CircuitError(
          `${where}: ${device.ohms} ohms cannot be printed.`,
          `${technology.name} prints ${minOhms} to ${maxOhms} ohms.`,
        );
      }
      resistors.push({ where, nodes: device.nodes });
      continue;
    }
    if (device.kind === 'opamp') {
      opampLaw(technology, device.model);
      if (driven.has(device.output)) throw new CircuitError(`${where}: its output ${device.output} is driven already.`);
      driven.add(device.output);
      gates.set(device.plus, where);
      gates.set(device.minus, where);
      continue;
    }
    const cell = findCell(technology, device.cell);
    for (const parameter of cell.parameters) {
      const value = device.values[parameter.name];
      if (value === undefined) throw new CircuitError(`${where}: ${parameter.name} has no value.`);
      if (value < parameter.min * (1 - ROUNDING) || value > parameter.max * (1 + ROUNDING)) {
        throw new CircuitError(
          `${where}: ${parameter.name} = ${value} is outside of ${parameter.min} to ${parameter.max} ${parameter.unit}.`,
        );
      }
    }
    for (const text of cell.constraints) {
      const constraint = parseConstraint(text);
      const degree = [...constraint.exponents.values()].reduce((sum, power) => sum + Math.abs(power), 0);
      if (constraintSlack(constraint, device.values) < -ROUNDING * degree)
        throw new CircuitError(`${where}: ${text} does not hold.`);
    }
    if (driven.has(device.output)) throw new CircuitError(`${where}: its output ${device.output} is driven already.`);
    driven.add(device.output);
    gates.set(device.input, where);
  }
  for (const { where, nodes } of resistors)
    if (!nodes.some((node) => driven.has(node)))
      throw new CircuitError(
        `${where}: it leads from ${nodes[0]} to ${nodes[1]}, and neither is an input, a supply, ground or the output of a stage.`,
        `The supplies of ${technology.name} are: ${Object.keys(technology.supplies).join(', ')}.`,
      );
  for (const { nodes } of resistors) for (const node of nodes) driven.add(node);
  for (const [node, where] of gates)
    if (!driven.has(node)) throw new CircuitError(`${where}: its input ${node} floats.`);
  for (const node of circuit.outputs)
    if (!driven.has(node)) throw new CircuitError(`The output ${node} is driven by nothing.`);
}
