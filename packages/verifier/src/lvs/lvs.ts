import { describeOrigin, type Technology } from '@neuroprint/circuit';
import type { Circuit, Device } from '@neuroprint/core';
import { NetlistError, parseNetlist, renderNetlist } from '@neuroprint/spice';
import type { NetlistFolder } from '../folder.ts';
import { type ExtractedCircuit, extractCircuit } from './extract.ts';
import { compareWithNetwork } from './network-check.ts';
import { type HeldVolts, readSupplies } from './supplies.ts';

/** Layout versus schematic: whether the netlist's text is the circuit, and the circuit the network. */
export interface LvsResult {
  readonly matches: boolean;
  readonly differences: readonly string[];
}

/** Relative difference of two values that the text's digits cannot explain. */
const SAME_VALUE = 1e-12;

/**
 * Parses the emitted text back and compares it, device by device, with circuit.json (values, connections, signs by way of the
 * inverted nodes), the cells and the transistor model with the technology's, the shape of the circuit with network.json, and the volts
 * of the bias, as the testbench has them, with those of training.
 */
export function lvs(netlist: NetlistFolder, technology: Technology): LvsResult {
  const { circuit, network, manifest, netlistText, netlistFile } = netlist;
  let extracted: ExtractedCircuit;
  const differences: string[] = [];
  try {
    const parsed = parseNetlist(netlistText, netlistFile);
    differences.push(...compareLibrary(parsed, parseNetlist(renderNetlist(circuit, technology))));
    extracted = extractCircuit(parsed, circuit, technology);
  } catch (error) {
    // a text that says something else is what lvs is there to find
    if (error instanceof NetlistError) return { matches: false, differences: [...differences, error.message] };
    throw error;
  }
  differences.push(...comparePorts(extracted, circuit), ...compareDevices(extracted.devices, circuit.devices));
  const supplies = readSupplies(netlist);
  differences.push(...supplies.differences, ...compareSupplies(supplies.held, technology));
  differences.push(
    ...compareWithNetwork(extracted, network, technology, supplies.held, manifest.calibration === undefined),
  );
  return { matches: differences.length === 0, differences };
}

type Parsed = ReturnType<typeof parseNetlist>;

/** The cells and the model: their text must be the technology's, up to comments and white space. */
function compareLibrary(text: Parsed, reference: Parsed): string[] {
  const withoutLines = (value: unknown): string =>
    JSON.stringify(value, (key, inner) => (key === 'line' ? undefined : inner));
  const found = new Map(text.subckts.map((subckt) => [subckt.name, subckt]));
  const differences: string[] = [];
  for (const subckt of reference.subckts) {
    if (subckt.name === 'network') continue;
    const other = found.get(subckt.name);
    if (other === undefined) differences.push(`the subcircuit ${subckt.name} is missing`);
    else if (withoutLines(other) !== withoutLines(subckt)) {
      differences.push(`the subcircuit ${subckt.name} (line ${other.line}) is not that of the technology`);
    }
  }
  for (const stray of [...text.resistors, ...text.instances])
    differences.push(`${stray.name} (line ${stray.line}) stands outside of the network`);
  return differences;
}

/** The supplies of the testbench are those of the technology, at its volts. */
function compareSupplies(held: HeldVolts, { name, supplies }: Technology): string[] {
  return Object.entries(supplies).flatMap(([node, volts]) => {
    const found = held.get(node);
    if (found !== undefined && Math.abs(found - volts) <= SAME_VALUE * Math.abs(volts)) return [];
    return [
      found === undefined
        ? `the testbench does not drive the supply ${node} of ${name}`
        : `the testbench holds ${node} at ${found} V, and ${name} at ${volts} V`,
    ];
  });
}

function comparePorts(extracted: ExtractedCircuit, circuit: Circuit): string[] {
  const missing = (kind: string, wanted: readonly string[], found: readonly string[]): string[] =>
    wanted.filter((node) => !found.includes(node)).map((node) => `the ${kind} ${node} is no port of the network`);
  return [
    ...missing('input', circuit.inputs, extracted.inputs),
    ...missing('output', circuit.outputs, extracted.outputs),
  ];
}

function compareDevices(found: readonly Device[], wanted: readonly Device[]): string[] {
  const byName = new Map(found.map((device) => [device.name, device]));
  const known = new Set(wanted.map((device) => device.name));
  const differences = wanted.flatMap((device) => {
    const where = `${device.name} (${describeOrigin(device.origin)})`;
    const other = byName.get(device.name);
    return other === undefined ? [`${where} is missing`] : compareDevice(where, other, device);
  });
  for (const device of found)
    if (!known.has(device.name)) differences.push(`${device.name} is in the text and not in the circuit`);
  return differences;
}

function compareDevice(where: string, found: Device, wanted: Device): string[] {
  if (found.kind === 'resistor' && wanted.kind === 'resistor') {
    // a resistor has no direction
    const ends = (device: typeof found): string => [...device.nodes].sort().join(' – ');
    return [
      ...(ends(found) === ends(wanted) ? [] : [`${where} connects ${ends(found)}, and should connect ${ends(wanted)}`]),
      ...compareValue(where, found.ohms, wanted.ohms, ' ohms'),
    ];
  }
  if (found.kind === 'stage' && wanted.kind === 'stage') {
    const same = (what: 'cell' | 'input' | 'output'): string[] =>
      found[what] === wanted[what] ? [] : [`${where}: its ${what} is ${found[what]}, and should be ${wanted[what]}`];
    return [
      ...same('cell'),
      ...same('input'),
      ...same('output'),
      ...Object.entries(wanted.values).flatMap(([name, value]) =>
        compareValue(`${where}: ${name}`, found.values[name] ?? Number.NaN, value, ''),
      ),
    ];
  }
  if (found.kind === 'opamp' && wanted.kind === 'opamp') {
    return (['model', 'plus', 'minus', 'output'] as const)
      .filter((what) => found[what] !== wanted[what])
      .map((what) => `${where}: its ${what} is ${found[what]}, and should be ${wanted[what]}`);
  }
  return [`${where} is a ${found.kind}, and should be a ${wanted.kind}`];
}

function compareValue(where: string, found: number, wanted: number, unit: string): string[] {
  if (Math.abs(found - wanted) <= SAME_VALUE * Math.abs(wanted)) return [];
  return [`${where} is ${found}${unit}, and should be ${wanted}${unit}`];
}
