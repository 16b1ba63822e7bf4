import type { Technology } from '@neuroprint/circuit';
import { checkSchema, InputFileError, parseJson, readTextFile, technologyNameSchema } from '@neuroprint/core';
import { isMap, isScalar, parseDocument } from 'yaml';
import { z } from 'zod';

const place = z.int().min(1).max(64);
const portMapSchema = z.strictObject({
  technology: technologyNameSchema.default('egt'),
  /** The subcircuit that is the network; absent: the devices outside of every subcircuit. */
  subckt: z.string().optional(),
  /** Column of the table → node. */
  inputs: z.record(z.string(), z.string()),
  /** Class → node, or `i(source)` for a current. */
  outputs: z.record(z.string(), z.string()),
  /** Supply → node, at the volts of the technology or at its own. */
  supplies: z
    .record(z.string(), z.union([z.string(), z.strictObject({ node: z.string(), volts: z.number() })]))
    .default({}),
  /** Subcircuit that is an op-amp → places of its nodes, from 1; `model`: which one of the technology. */
  opamps: z
    .record(
      z.string(),
      z.strictObject({
        plus: place,
        minus: place,
        out: place,
        model: z.enum(['ideal', 'gain', 'rails']).default('ideal'),
      }),
    )
    .default({}),
  /** By what the one output is read in regression: target = interceptUnits + unitsPerVolt·v; absent: by the network's own line. */
  line: z.strictObject({ interceptUnits: z.number(), unitsPerVolt: z.number().positive() }).optional(),
  /** What the differences from a table may be: absolute (V or A) and relative to what is expected. */
  tolerance: z
    .strictObject({ absolute: z.number().min(0).optional(), relative: z.number().min(0).max(1).optional() })
    .optional(),
});

/** What a difference from an expected voltage or current may be: absolute + relative·|expected|. */
export interface Tolerance {
  readonly absolute?: number | undefined;
  readonly relative?: number | undefined;
}

/** A name of ours and what it is in the netlist; `key` is how messages name it. */
interface Mapped {
  readonly key: string;
  readonly name: string;
  readonly node: string;
}

/** An output is the voltage of a node or the current `i(branch)`. */
type MappedOutput = Omit<Mapped, 'node'> &
  ({ readonly node: string; readonly branch?: undefined } | { readonly node?: undefined; readonly branch: string });

/** What drives and reads a foreign netlist. */
export interface PortMap {
  readonly file: string;
  readonly technology: string;
  readonly subckt: string | undefined;
  readonly inputs: readonly Mapped[];
  readonly outputs: readonly MappedOutput[];
  readonly supplies: readonly (Mapped & { readonly volts: number })[];
  readonly opamps: readonly {
    readonly name: string;
    readonly plus: number;
    readonly minus: number;
    readonly out: number;
    readonly model: 'ideal' | 'gain' | 'rails';
  }[];
  readonly line: { readonly interceptUnits: number; readonly unitsPerVolt: number } | undefined;
  readonly tolerance: Tolerance | undefined;
}

/** The technology that a map names, before the technology is loaded. */
export function technologyOfMap(file: string): string {
  return readSchema(file).map.technology;
}

/** The map, and the keys of its parts as they stand in the file: JavaScript would put `2`, `1`, `0` in another order. */
function readSchema(file: string) {
  const text = readTextFile(file);
  const map = checkSchema(file, portMapSchema, parseJson(file, text));
  const document = parseDocument(text.replaceAll('\t', ' '));
  const keys = (part: string): string[] => {
    const found = document.get(part);
    return isMap(found) ? found.items.map(({ key }) => String(isScalar(key) ? key.value : key)) : [];
  };
  return { map, keys };
}

/** Reads map.json. Nodes are in lower case, as SPICE folds them. Throws InputFileError for what is missing or named twice. */
export function readPortMap(file: string, technology: Technology): PortMap {
  const { map, keys } = readSchema(file);
  const misfit = (message: string, hint?: string): never => {
    throw new InputFileError({ file }, message, hint);
  };
  const folded = (node: string): string => (/^gnd$/i.test(node) ? '0' : node.toLowerCase().replace(/\)$/, ''));
  const inputs = keys('inputs').map(
    (name): Mapped => ({ key: `inputs.${name}`, name, node: folded(map.inputs[name]!) }),
  );
  const outputs = keys('outputs').map((name): MappedOutput => {
    const branch = /^i\((.+)\)$/i.exec(map.outputs[name]!)?.[1]?.toLowerCase();
    const key = `outputs.${name}`;
    return branch === undefined ? { key, name, node: folded(map.outputs[name]!) } : { key, name, branch };
  });
  if (inputs.length === 0) misfit('inputs: is empty');
  if (outputs.length === 0) misfit('outputs: is empty');
  const supplies = keys('supplies').map((name) => {
    const given = map.supplies[name]!;
    const { node, volts } =
      typeof given === 'string'
        ? { node: given, volts: Object.hasOwn(technology.supplies, name) ? technology.supplies[name] : undefined }
        : given;
    const key = `supplies.${name}`;
    if (volts === undefined)
      return misfit(
        `${key}: ${technology.name} has no such supply`,
        `It has: ${Object.keys(technology.supplies).join(', ')}. Write {"node": "${node}", "volts": …} for another.`,
      );
    return { key, name, node: folded(node), volts };
  });
  const seen = new Map<string, string>([['0', 'ground']]);
  for (const { key, node } of [...inputs, ...outputs, ...supplies]) {
    if (node === undefined) continue;
    const before = seen.get(node);
    if (before !== undefined) misfit(`${key}: the node ${node} is ${before} already`);
    seen.set(node, key);
  }
  const opamps = keys('opamps').map((name) => {
    const { plus, minus, out, model } = map.opamps[name]!;
    if (new Set([plus, minus, out]).size < 3) misfit(`opamps.${name}: plus, minus and out must be three places`);
    return { name: name.toLowerCase(), plus: plus - 1, minus: minus - 1, out: out - 1, model };
  });
  const { line, tolerance } = map;
  return {
    file,
    technology: technology.name,
    subckt: map.subckt?.toLowerCase(),
    inputs,
    outputs,
    supplies,
    opamps,
    line,
    tolerance,
  };
}
