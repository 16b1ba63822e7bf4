import type { Technology } from '@neuroprint/circuit';
import { checkSchema, InputFileError, parseJson, readTextFile, technologyNameSchema } from '@neuroprint/core';
import { z } from 'zod';

const portMapSchema = z.strictObject({
  technology: technologyNameSchema.default('egt'),
  /** The subcircuit that is the network; absent: the devices outside of every subcircuit. */
  subckt: z.string().optional(),
  /** Column of the table → node. */
  inputs: z.record(z.string(), z.string()),
  /** Class → node. */
  outputs: z.record(z.string(), z.string()),
  /** Supply of the technology → node. */
  supplies: z.record(z.string(), z.string()),
});

/** A name of ours and the node of the netlist that it is; `key` is how messages name it. */
interface Mapped {
  readonly key: string;
  readonly name: string;
  readonly node: string;
}

/** What drives and reads a foreign netlist. */
export interface PortMap {
  readonly file: string;
  readonly technology: string;
  readonly subckt: string | undefined;
  readonly inputs: readonly Mapped[];
  readonly outputs: readonly Mapped[];
  readonly supplies: readonly (Mapped & { readonly volts: number })[];
}

/** The technology that a map names, before the technology is loaded. */
export function technologyOfMap(file: string): string {
  return readSchema(file).technology;
}

function readSchema(file: string) {
  return checkSchema(file, portMapSchema, parseJson(file, readTextFile(file)));
}

/** Reads ports.json. Nodes are in lower case, as SPICE folds them. Throws InputFileError for what is missing or named twice. */
export function readPortMap(file: string, technology: Technology): PortMap {
  const map = readSchema(file);
  const list = (what: 'inputs' | 'outputs' | 'supplies'): Mapped[] =>
    Object.entries(map[what]).map(([name, node]) => ({ key: `${what}.${name}`, name, node: node.toLowerCase() }));
  const [inputs, outputs] = [list('inputs'), list('outputs')];
  if (inputs.length === 0) throw new InputFileError({ file }, 'inputs: is empty');
  if (outputs.length === 0) throw new InputFileError({ file }, 'outputs: is empty');
  const supplies = list('supplies').map((supply) => {
    const volts = Object.hasOwn(technology.supplies, supply.name) ? technology.supplies[supply.name] : undefined;
    if (volts === undefined)
      throw new InputFileError(
        { file },
        `${supply.key}: ${technology.name} has no such supply`,
        `It has: ${Object.keys(technology.supplies).join(', ')}.`,
      );
    return { ...supply, volts };
  });
  const seen = new Map<string, string>([
    ['0', 'ground'],
    ['gnd', 'ground'],
  ]);
  for (const { key, node } of [...inputs, ...outputs, ...supplies]) {
    const before = seen.get(node);
    if (before !== undefined) throw new InputFileError({ file }, `${key}: the node ${node} is ${before} already`);
    seen.set(node, key);
  }
  return { file, technology: technology.name, subckt: map.subckt?.toLowerCase(), inputs, outputs, supplies };
}
