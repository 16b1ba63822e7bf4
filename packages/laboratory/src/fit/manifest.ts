import { dirname, resolve } from 'node:path';
import { checkSchema, type DeepReadonly, InputFileError, nameSchema, readTextFile } from '@neuroprint/core';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

/** Units of current, in amperes. */
export const CURRENT_UNITS: Readonly<Record<string, number>> = {
  A: 1,
  mA: 1e-3,
  uA: 1e-6,
  µA: 1e-6,
  nA: 1e-9,
  pA: 1e-12,
};

/** A length: known, or taken because nobody has given it. */
const lengthSchema = z.union([
  z.number().positive('must be above 0, in metres'),
  z.strictObject({ value: z.number().positive('must be above 0, in metres'), why: z.string().min(1) }),
]);

const curveSchema = z.strictObject({
  file: z.string().min(1),
  /** `transfer`: the gate is swept and the drain held; `output`: the drain is swept and the gate held. */
  kind: z.enum(['transfer', 'output']),
  /** Volts of the terminal that is held, against the source, with its sign. */
  volts: z.number(),
  unit: z.enum(['A', 'mA', 'uA', 'µA', 'nA', 'pA']).default('A'),
  columns: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
  /** Of a file that goes there and back: which way is taken. */
  sweep: z.enum(['first', 'second', 'mean']).optional(),
});

const deviceSchema = z.strictObject({
  name: z.string().min(1),
  /** Its kind in technology.json: devices of one kind are fitted with one law, and give its spread. */
  transistor: nameSchema.optional(),
  polarity: z.enum(['n', 'p']).optional(),
  W: lengthSchema.optional(),
  L: lengthSchema.optional(),
  /** Devices printed together: what they share is told from what is their own. */
  sheet: z.union([z.string(), z.number()]).optional(),
  date: z.iso.date().optional(),
  curves: z.array(curveSchema).min(1),
});

const manifestSchema = z.strictObject({
  transistor: nameSchema.optional(),
  polarity: z.enum(['n', 'p']).optional(),
  W: lengthSchema.optional(),
  L: lengthSchema.optional(),
  date: z.iso.date().optional(),
  devices: z.array(deviceSchema).min(1),
});

type Length = z.infer<typeof lengthSchema>;
export type CurveEntry = DeepReadonly<z.infer<typeof curveSchema>> & {
  /** Where the file is. */
  readonly path: string;
  readonly row: number;
};

/** A device of the manifest with what it takes from the manifest as a whole. */
export interface DeviceEntry {
  readonly name: string;
  readonly transistor: string;
  readonly polarity: 'n' | 'p';
  /** Metres, and why where nobody has given them. */
  readonly width: { readonly value: number; readonly why?: string };
  readonly length: { readonly value: number; readonly why?: string };
  readonly sheet?: string;
  readonly date?: string;
  readonly curves: readonly CurveEntry[];
}

/**
 * Reads a manifest: which files are curves of which device. Throws InputFileError with the line for what is no YAML, for unknown or
 * missing keys, negative lengths, two devices or two curves of one name, and what stands nowhere.
 */
export function readManifest(file: string): DeviceEntry[] {
  return parseManifest(file, readTextFile(file));
}

export function parseManifest(file: string, text: string): DeviceEntry[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, schema: 'core', uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined)
    throw new InputFileError(
      { file, row: counter.linePos(error.pos[0]).line },
      `is not YAML: ${error.message.split('\n')[0]}`,
    );
  if (!isMap(document.contents))
    throw new InputFileError(
      { file },
      'holds no devices',
      'neuroprint technology fit --guess FOLDER proposes a manifest.',
    );
  const manifest = checkSchema(file, manifestSchema, document.toJS());
  const lineOf = (path: readonly (string | number)[]): number => {
    const node = document.getIn(path, true);
    const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
    return range ? counter.linePos(range[0]).line : 1;
  };
  const names = new Map<string, number>();
  return manifest.devices.map((device, d) => {
    const row = lineOf(['devices', d, 'name']);
    const fail = (message: string, hint?: string): never => {
      throw new InputFileError({ file, row }, message, hint);
    };
    const other = names.get(device.name);
    if (other !== undefined)
      fail(
        `two devices have the name ${device.name}, in lines ${other} and ${row}`,
        'Give every device a name of its own.',
      );
    names.set(device.name, row);
    const need = <T>(key: string, value: T | undefined, hint: string): T =>
      value ?? fail(`the device ${device.name} has no ${key}`, hint);
    const metres = (key: 'W' | 'L'): DeviceEntry['width'] =>
      lengthOf(
        need(
          key,
          device[key] ?? manifest[key],
          `Give ${key} in metres; where nobody knows it, as ${key}: { value: 1e-4, why: "…" }.`,
        ),
      );
    const files = new Map<string, number>();
    const curves = device.curves.map((curve, c) => {
      const at = lineOf(['devices', d, 'curves', c, 'file']);
      const key = `${curve.file} ${curve.columns?.join() ?? ''}`;
      if (files.has(key))
        throw new InputFileError({ file, row: at }, `${curve.file} stands twice in the device ${device.name}`);
      files.set(key, at);
      return { ...curve, path: resolve(dirname(file), curve.file), row: at };
    });
    const { sheet, date = manifest.date } = device;
    return {
      name: device.name,
      transistor: need(
        'transistor',
        device.transistor ?? manifest.transistor,
        'Name its kind, as it is to stand in technology.json: transistor: otft.',
      ),
      polarity: need('polarity', device.polarity ?? manifest.polarity, 'Write polarity: p, or polarity: n.'),
      width: metres('W'),
      length: metres('L'),
      ...(sheet === undefined ? {} : { sheet: String(sheet) }),
      ...(date === undefined ? {} : { date }),
      curves,
    };
  });
}

function lengthOf(given: Length): DeviceEntry['width'] {
  return typeof given === 'number' ? { value: given } : given;
}
