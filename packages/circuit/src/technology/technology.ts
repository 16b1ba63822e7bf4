import { join } from 'node:path';
import {
  checkSchema,
  constraintSchema,
  type DeepReadonly,
  type DesignSpace,
  fileExists,
  InputFileError,
  nameSchema,
  nodeSchema,
  parameterNameSchema,
  parameterSchema,
  parseJson,
  platform,
  readTextFile,
  sha256,
  technologyNameSchema,
  UsageError,
  type VoltRange,
  valuesSchema,
} from '@neuroprint/core';
import { z } from 'zod';
import { ageingSchema, type ResistorAgeingModel, resistorAgeingOf } from './ageing.ts';
import { type FaultSpec, faultSpecsOf, faultsSchema } from './faults.ts';
import { checkLayers, type LayerSpec, layersSchema, plain, type RuleSet, rulesSchema } from './layers.ts';
import { type Mark, marksOf, sourced } from './marks.ts';
import { type OpampCard, opampSchema } from './opamp.ts';
import { lawRange, NOMINAL_CELSIUS, readTransistor, type TransistorKind, transistorsSchema } from './transistor.ts';
import { stageVolts } from './volts.ts';

const elementSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('resistor'),
    name: nameSchema,
    nodes: z.tuple([nodeSchema, nodeSchema]),
    ohms: parameterNameSchema,
  }),
  z.strictObject({
    kind: z.literal('transistor'),
    name: nameSchema,
    /** Which of the transistors; may be absent where there is one. */
    model: nameSchema.optional(),
    drain: nodeSchema,
    gate: nodeSchema,
    source: nodeSchema,
    width: parameterNameSchema,
    length: parameterNameSchema,
  }),
  z.strictObject({
    kind: z.literal('opamp'),
    name: nameSchema,
    plus: nodeSchema,
    minus: nodeSchema,
    output: nodeSchema,
  }),
]);

/**
 * A cell: ports `in` and `out`, the supplies by name, inner nodes by any other name.
 * `falling`: −(η₁ + η₂·tanh(…)), a negative-weight inverter; `rising`: an activation; `even` in v and `band-pass`: activations that
 * no η describes.
 */
const cellSchema = z.strictObject({
  description: z.string(),
  curve: z.enum(['falling', 'rising', 'even', 'band-pass']),
  parameters: z.array(parameterSchema).min(1),
  constraints: z.array(constraintSchema),
  /** Where training starts. */
  typical: valuesSchema,
  elements: z.array(elementSchema).min(1),
});

const voltRangeSchema = z
  .strictObject({ minimum: z.number(), maximum: z.number() })
  .refine(({ minimum, maximum }) => minimum < maximum, 'minimum must be below maximum');

const technologySchema = z.strictObject({
  name: technologyNameSchema,
  description: z.string(),
  supplies: z.record(nameSchema, sourced),
  /** The supply that the bias resistors of crossbars lead to. */
  bias: nameSchema.optional(),
  /** Volts between which inputs are driven; absent: from ground to the bias. */
  inputVolts: voltRangeSchema.optional(),
  /** Volts over which the curves of cells are swept; absent: twice the bias on either side of ground. */
  sweepVolts: voltRangeSchema.optional(),
  /** A sampled curve that still moves at an end of its sweep is a failed row, unless it is kept: surrogates older than the rule have such. */
  unflattened: z.literal('kept').optional(),
  transistors: transistorsSchema,
  opamp: opampSchema.optional(),
  /** Capacitance of a printed node against ground, where the process gives it: stability and settling rest on it. */
  nodeFarads: sourced.optional(),
  ageing: ageingSchema.optional(),
  /** What breaks in this process beside what breaks in every one. */
  faults: faultsSchema.optional(),
  crossbar: z.strictObject({ minOhms: sourced, maxOhms: sourced }),
  printing: z.strictObject({
    /** Neighbouring printable resistances differ by this share. */
    resistanceStep: sourced,
    /** Widths and lengths are whole multiples of this. */
    gridMetres: sourced,
    /** No printed line is narrower, and no two are nearer. */
    minimumWidthMetres: sourced,
    minimumGapMetres: sourced,
    /** What resistors are printed with: a resistor of n squares has n times the sheet resistance. */
    resistorInks: z.array(z.strictObject({ name: nameSchema, sheetOhms: sourced })).min(1),
  }),
  cells: z.record(nameSchema, cellSchema),
  /** What a layout is drawn in, and what it keeps to; absent: circuits of this process have no layout. */
  layers: layersSchema.optional(),
  rules: rulesSchema.optional(),
});

const FORMER_CARD =
  'Write it as an entry of transistors, with its law as text: docs/manual/technology.md, and spice-templates/egt for the law of that card.';

type TechnologyFile = DeepReadonly<z.infer<typeof technologySchema>>;
export type Cell = TechnologyFile['cells'][string] & { readonly name: string };
export type CellElement = Cell['elements'][number];

/** What can be printed: resolution, smallest width and gap in metres, and the inks of resistors in ohms per square. */
export interface PrintingRules {
  readonly resistanceStep: number;
  readonly gridMetres: number;
  readonly minimumWidthMetres: number;
  readonly minimumGapMetres: number;
  readonly resistorInks: readonly { readonly name: string; readonly sheetOhms: number }[];
}

/** A process: everything in its folder `spice-templates/<name>`. */
export interface Technology {
  readonly name: string;
  readonly folder: string;
  readonly description: string;
  /** SHA-256 of technology.json. */
  readonly hash: string;
  /** Volts of every supply node against ground. */
  readonly supplies: Readonly<Record<string, number>>;
  /** The supply that the bias resistors of crossbars lead to, and its volts. */
  readonly bias: { readonly node: string; readonly volts: number };
  /** Volts between which inputs are driven. */
  readonly inputVolts: VoltRange;
  /** Volts over which the curves of cells are swept. */
  readonly sweepVolts: VoltRange;
  /** Whether sampled curves have to flatten at the ends of their sweep. */
  readonly mustFlatten: boolean;
  /** Kinds of transistors by name. */
  readonly transistors: Readonly<Record<string, TransistorKind>>;
  /** Temperature of the devices, degrees Celsius. */
  readonly celsius: number;
  /** Absent where the process has none: negative conductances and cells with op-amps cannot be built then. */
  readonly opamp?: OpampCard;
  readonly nodeFarads?: number;
  /** How resistors age, where it was measured. */
  readonly ageing?: ResistorAgeingModel;
  /** What breaks in this process beside what breaks in every one; absent: nothing. */
  readonly faults?: readonly FaultSpec[];
  /** Whether thresholds were measured to age too: no copy is drawn with that, so that `--age` is refused. */
  readonly thresholdsAge?: true;
  readonly crossbar: { readonly minOhms: number; readonly maxOhms: number };
  readonly printing: PrintingRules;
  readonly cells: Readonly<Record<string, Cell>>;
  /** The printed stack and the rule sets, the default first; absent where the process has none: there is no layout then. */
  readonly layout?: {
    readonly layers: readonly LayerSpec[];
    readonly rules: Readonly<Record<string, RuleSet>>;
    /** Names of its numbers that nobody has given. */
    readonly assumed: readonly string[];
  };
  /** Where each number is from, but those of layers and rules. */
  readonly marks: readonly Mark[];
  /** Names of those that nobody has given. */
  readonly assumed: readonly string[];
}

/**
 * Loads a technology folder and checks it. `name` is looked up in `templatesFolder`.
 * Throws UsageError where there is no such technology, InputFileError where its file is wrong.
 */
export function loadTechnology(templatesFolder: string, name: string): Technology {
  const folder = join(templatesFolder, name);
  const path = join(folder, 'technology.json');
  if (!fileExists(path)) {
    const known = fileExists(templatesFolder)
      ? platform.files
          .list(templatesFolder)
          .filter((entry) => fileExists(join(templatesFolder, entry, 'technology.json')))
      : [];
    throw new UsageError(
      `There is no technology "${name}" in ${templatesFolder}.`,
      `There are: ${known.join(', ') || 'none'}.`,
    );
  }
  const text = readTextFile(path);
  const json = parseJson(path, text);
  if (typeof json === 'object' && json !== null && 'transistor' in json)
    throw new InputFileError({ file: path }, 'transistor: is the card of former versions', FORMER_CARD);
  const file = checkSchema(path, technologySchema, json);
  if (file.name !== name)
    throw new InputFileError({ file: path }, `name: is "${file.name}", and the folder is "${name}"`);
  const cells = Object.fromEntries(
    Object.entries(file.cells).map(([cellName, cell]) => [cellName, { name: cellName, ...cell }]),
  );
  for (const cell of Object.values(cells)) checkCell(path, cell, file);
  if (file.opamp !== undefined && file.opamp.lowVolts.value >= file.opamp.highVolts.value)
    throw new InputFileError({ file: path }, 'opamp: lowVolts must be below highVolts');
  const number = (value: TechnologyFile['crossbar']['minOhms']) => value.value;
  const ageing = resistorAgeingOf(path, file.ageing);
  const bias = biasOf(path, file);
  const { inputVolts = { minimum: 0, maximum: bias.volts } } = file;
  const { sweepVolts = { minimum: -2 * bias.volts, maximum: 2 * bias.volts } } = file;
  const seen = stageVolts({ bias, inputVolts });
  if (sweepVolts.minimum > seen.minimum || sweepVolts.maximum < seen.maximum)
    throw new InputFileError(
      { file: path },
      `sweepVolts: ${sweepVolts.minimum} to ${sweepVolts.maximum} V leave out volts that stages see, which are ${seen.minimum} to ${seen.maximum} V`,
    );
  const layout = layoutOf(path, file);
  const range = lawRange({ supplies: Object.values(file.supplies).map(number), sweepVolts });
  const transistors = Object.fromEntries(
    Object.entries(file.transistors).map(([kind, text]) => [kind, readTransistor(path, kind, text, range)]),
  );
  const marks = marksOf({ ...file, layers: undefined, rules: undefined });
  return {
    name,
    folder,
    description: file.description,
    hash: sha256(text),
    supplies: Object.fromEntries(Object.entries(file.supplies).map(([node, volts]) => [node, number(volts)])),
    bias,
    inputVolts,
    sweepVolts,
    mustFlatten: file.unflattened === undefined,
    transistors,
    celsius: NOMINAL_CELSIUS,
    ...(file.opamp === undefined
      ? {}
      : {
          opamp: {
            gain: number(file.opamp.gain),
            gainBandwidthHertz: number(file.opamp.gainBandwidthHertz),
            lowVolts: number(file.opamp.lowVolts),
            highVolts: number(file.opamp.highVolts),
            quiescentAmperes: number(file.opamp.quiescentAmperes),
          },
        }),
    ...(file.nodeFarads === undefined ? {} : { nodeFarads: number(file.nodeFarads) }),
    ...(ageing && { ageing }),
    ...(file.faults && { faults: faultSpecsOf(path, file.faults) }),
    ...(file.ageing?.thresholds && { thresholdsAge: true as const }),
    crossbar: { minOhms: number(file.crossbar.minOhms), maxOhms: number(file.crossbar.maxOhms) },
    printing: {
      resistanceStep: number(file.printing.resistanceStep),
      gridMetres: number(file.printing.gridMetres),
      minimumWidthMetres: number(file.printing.minimumWidthMetres),
      minimumGapMetres: number(file.printing.minimumGapMetres),
      resistorInks: file.printing.resistorInks.map((ink) => ({ name: ink.name, sheetOhms: number(ink.sheetOhms) })),
    },
    cells,
    ...(layout === undefined ? {} : { layout }),
    marks,
    assumed: assumedOf(marks),
  };
}

/** Layers and rules, which go together. */
function layoutOf(path: string, { layers: stack, rules, printing }: TechnologyFile): Technology['layout'] {
  if (stack === undefined && rules === undefined) return undefined;
  if (stack === undefined || rules === undefined || Object.keys(rules).length === 0)
    throw new InputFileError(
      { file: path },
      `${stack === undefined ? 'rules are given and layers are not' : 'layers are given and rules are not'}`,
      'A layout needs both; without both, circuits of this process are netlists only.',
    );
  const layers = plain(stack) as readonly LayerSpec[];
  const inks = printing.resistorInks.map(({ name }) => name);
  checkLayers(path, layers, inks);
  return {
    layers,
    rules: plain(rules) as Readonly<Record<string, RuleSet>>,
    assumed: assumedOf(marksOf({ layers: stack, rules })),
  };
}

/** The bias rail by its name among the supplies. */
function biasOf(path: string, { bias, supplies }: TechnologyFile): Technology['bias'] {
  const known = Object.keys(supplies).join(', ') || 'none';
  const fail = (message: string): never => {
    throw new InputFileError({ file: path }, message, `The supplies are: ${known}.`);
  };
  if (bias === undefined) return fail('bias: is missing, and has to name the supply that bias resistors lead to');
  const volts = Object.hasOwn(supplies, bias) ? supplies[bias]!.value : fail(`bias: there is no supply ${bias}`);
  return volts > 0
    ? { node: bias, volts }
    : fail(`bias: ${bias} is held at ${volts} V, and a bias has to be above 0 V`);
}

function checkCell(path: string, cell: Cell, file: TechnologyFile): void {
  const supplies = Object.keys(file.supplies);
  const kinds = Object.keys(file.transistors);
  const where = `cells.${cell.name}`;
  const names = cell.parameters.map((parameter) => parameter.name);
  const fail = (message: string): never => {
    throw new InputFileError({ file: path }, `${where}: ${message}`);
  };
  for (const name of names)
    if (names.indexOf(name) !== names.lastIndexOf(name)) fail(`the parameter ${name} is named twice`);
  for (const parameter of cell.parameters) {
    const value = cell.typical[parameter.name];
    if (value === undefined) fail(`typical has no ${parameter.name}`);
    else if (value < parameter.min || value > parameter.max) fail(`typical.${parameter.name} is outside its range`);
  }
  const known = new Set(names);
  for (const constraint of cell.constraints) {
    for (const term of constraint.split(/[*/>]/))
      if (/^[A-Z]/.test(term) && !known.has(term)) fail(`${constraint}: there is no parameter ${term}`);
  }
  const nodes = new Set<string>();
  for (const element of cell.elements) {
    for (const name of elementParameters(element))
      if (!known.has(name)) fail(`the element ${element.name} uses ${name}, which is no parameter`);
    if (element.kind === 'transistor' && element.model !== undefined && !kinds.includes(element.model))
      fail(`the element ${element.name}: there is no transistor ${element.model} (${kinds.join(', ')})`);
    if (element.kind === 'transistor' && element.model === undefined && kinds.length > 1)
      fail(`the element ${element.name} does not say which transistor it is (model: ${kinds.join(', ')})`);
    if (element.kind === 'opamp' && file.opamp === undefined)
      fail(`the element ${element.name} is an op-amp, and there is no opamp`);
    for (const node of elementNodes(element)) nodes.add(node);
  }
  for (const port of ['in', 'out']) if (!nodes.has(port)) fail(`no element touches the port ${port}`);
  if (!supplies.some((supply) => nodes.has(supply)) && !cell.elements.some(({ kind }) => kind === 'opamp'))
    fail(`no element touches a supply (${supplies.join(', ')})`);
}

/** Which kind of transistor an element of a cell is. */
export function transistorOf(
  { transistors }: Pick<Technology, 'transistors'>,
  { model }: Pick<Extract<CellElement, { kind: 'transistor' }>, 'model'>,
): TransistorKind {
  return model === undefined ? Object.values(transistors)[0]! : transistors[model]!;
}

/** The nodes that an element of a cell touches. */
export function elementNodes(element: CellElement): readonly string[] {
  if (element.kind === 'resistor') return element.nodes;
  if (element.kind === 'transistor') return [element.drain, element.gate, element.source];
  return [element.plus, element.minus, element.output];
}

/** The cell's parameters that an element takes its values from. */
export function elementParameters(element: CellElement): readonly string[] {
  if (element.kind === 'resistor') return [element.ohms];
  return element.kind === 'transistor' ? [element.width, element.length] : [];
}

function assumedOf(marks: readonly Mark[]): string[] {
  return marks.filter(({ kind }) => kind === 'assumed').map(({ path }) => path);
}

/** The cell of a technology. Throws UsageError that lists those there are. */
export function findCell(technology: Technology, name: string): Cell {
  const cell = Object.hasOwn(technology.cells, name) ? technology.cells[name] : undefined;
  if (cell === undefined) {
    throw new UsageError(
      `The technology ${technology.name} has no cell "${name}".`,
      `It has: ${Object.keys(technology.cells).join(', ')}.`,
    );
  }
  return cell;
}

/** The design space of a cell, ready to be sampled. */
export function designSpaceOf(
  technology: Technology,
  cell: Cell,
): Omit<DesignSpace, 'kind' | 'version' | 'checksum' | 'inputHashes'> {
  return { technology: technology.name, cell: cell.name, parameters: cell.parameters, constraints: cell.constraints };
}

/** Whether the ptanh of a cell falls or rises. Throws UsageError for a cell that no ptanh describes. */
export function ptanhCurve(cell: Cell): 'falling' | 'rising' {
  if (cell.curve === 'falling' || cell.curve === 'rising') return cell.curve;
  throw new UsageError(
    `The cell ${cell.name} has a curve (${cell.curve}) that no ptanh describes.`,
    'Sampling and surrogates are for falling and rising cells; networks with op-amps take its exact curve.',
  );
}
