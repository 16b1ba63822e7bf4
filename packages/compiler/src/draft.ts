import { findCell, stageAt, type Technology } from '@neuroprint/circuit';
import {
  type Circuit,
  CircuitKind,
  type Device,
  InputFileError,
  makeArtifact,
  type OpampDevice,
  type Stage,
  type TrainedNetwork,
  UsageError,
} from '@neuroprint/core';
import { checkNames } from './names.ts';

/** The stages of one kind in a layer: one instance per place, values in the order of the cell's parameters (ohms, metres). */
export interface StageRow {
  readonly cell: string;
  readonly values: readonly Float64Array[];
}

/** Who serves the negative entries of a column: one op-amp all of them, or each one of its own. */
export const NEGATIVE_FORMS = ['column', 'entry'] as const;
export type NegativeForm = (typeof NEGATIVE_FORMS)[number];

/**
 * The op-amps of a layer with signed conductances. An entry of −1/R_i is a resistor R_i to the − input of its op-amp, whose + input is
 * the column; with R_f (feedback) and R (drive) of the column it is the conductance −R_f/(R·R_i) at the node.
 */
export interface Negatives {
  readonly model: OpampDevice['model'];
  readonly form: NegativeForm;
  readonly feedbackOhms: Float64Array;
  readonly driveOhms: Float64Array;
}

/**
 * A layer on its way to print. `siemens` is row-major [inputs + 2 × columns]: inputs, bias, pull-down; the sign says whether
 * the entry passes the falling stage of its input (or, with `negatives`, its op-amp), zero is no resistor.
 */
export interface DraftLayer {
  readonly inputs: number;
  readonly columns: number;
  readonly siemens: Float64Array;
  readonly falling: StageRow;
  readonly activation: StageRow;
  /** Every negative entry has a falling stage of its own; false: one serves all columns. */
  readonly invertersPerEntry: boolean;
  /** Of a layer with the node rule `kirchhoff`; it has no falling stages. */
  readonly negatives?: Negatives;
}

/** What the passes hand on: the circuit's values in the shape of the network. */
export interface Draft {
  readonly layers: readonly DraftLayer[];
}

/**
 * network → draft: shared stages become one instance per place. Throws InputFileError (with layer, row and column) for a
 * shape or sign that no circuit has, UsageError for a node rule that the technology cannot build.
 */
export function lower(
  network: TrainedNetwork,
  technology: Technology,
  file = 'network.json',
  form: NegativeForm = 'column',
): Draft {
  checkNames(network, file);
  let width = network.inputs.length;
  const layers = network.layers.map((layer, l): DraftLayer => {
    const fail = (message: string): never => {
      throw new InputFileError({ file }, `layer ${l}: ${message}`);
    };
    const signed = layer.nodeRule === 'kirchhoff';
    if (signed && technology.opamp === undefined) {
      throw new UsageError(
        `Layer ${l} has the node rule "kirchhoff", which needs op-amps, and the technology ${technology.name} has none.`,
        'Train for a technology that has, such as opamp.',
      );
    }
    const rows = layer.conductancesSiemens;
    const columns = rows[0]!.length;
    if (rows.length !== width + 2)
      fail(`has ${rows.length} rows of conductances, and needs ${width} inputs, bias and pull-down`);
    rows.forEach((row, r) => {
      if (row.length !== columns) fail(`row ${r} has ${row.length} columns, and row 0 has ${columns}`);
      row.forEach((siemens, c) => {
        if (!Number.isFinite(siemens)) fail(`row ${r}, column ${c}: the conductance is ${siemens}`);
        if (r >= width && siemens < 0 && !signed)
          fail(`row ${r}, column ${c}: bias and pull-down cannot be negative (${siemens})`);
      });
    });
    // a negative conductance g is made by the resistor R_f/(R·|g|)
    const siemens = Float64Array.from(rows.flat(), (g) => (signed && g < 0 ? g / FEEDBACK_SHARE : g));
    const activation = stageRow(layer.activationStages, columns, technology, fail);
    const draft: DraftLayer = {
      inputs: width,
      columns,
      siemens,
      falling: signed ? { ...activation, values: [] } : stageRow(layer.fallingStages, width, technology, fail),
      activation,
      invertersPerEntry: true,
      ...(signed ? { negatives: negativesWith(form, driveOhms(siemens, columns, form)) } : {}),
    };
    width = columns;
    return draft;
  });
  if (width !== network.classes.length) {
    throw new InputFileError(
      { file },
      `the last layer has ${width} outputs, and there are ${network.classes.length} classes`,
    );
  }
  return { layers };
}

/**
 * R_f/R of an op-amp that makes negative conductances. With equal resistors the + and the − input follow v_x alike at high frequency,
 * and the capacitances of the two nodes leave the loop without phase margin: it oscillates although Σg > 0. With R_f < R
 * the feedback to the − input is the stronger one at every frequency; at a half the loop is stable for any node capacitance
 * (Routh: (a + b)·(1/R_f − 1/R) > Σg/R_f, a and b the conductances at the two inputs).
 */
const FEEDBACK_SHARE = 0.5;

/**
 * R of every column: one over the negative conductance that an op-amp serves, or over half of Σg where that is more. v_x is then as
 * far from the node as the node is from the mean of the negative inputs, or nearer. `siemens` are the resistors' conductances.
 */
export function driveOhms(siemens: Float64Array, columns: number, form: NegativeForm): Float64Array {
  const served = new Float64Array(columns);
  const totals = new Float64Array(columns);
  siemens.forEach((g, at) => {
    const c = at % columns;
    const negative = Math.max(0, -g) * FEEDBACK_SHARE;
    served[c] = form === 'column' ? served[c]! + negative : Math.max(served[c]!, negative);
    totals[c]! += g > 0 ? g : -negative;
  });
  return served.map((sum, c) => 1 / Math.max(sum, 0.5 * totals[c]!));
}

/** The op-amp resistors of a layer by R of every column. */
export function negativesWith(form: NegativeForm, drive: Float64Array): Negatives {
  return { model: 'rails', form, feedbackOhms: drive.map((ohms) => FEEDBACK_SHARE * ohms), driveOhms: drive };
}

function stageRow(
  stages: readonly Stage[],
  places: number,
  technology: Technology,
  fail: (message: string) => never,
): StageRow {
  if (stages.length !== 1 && stages.length !== places)
    fail(`has ${stages.length} stages for ${places} places; give one for all or one for each`);
  const cell = findCell(technology, stages[0]!.cell);
  const values = Array.from({ length: places }, (_, place) => {
    const stage = stageAt(stages, place);
    if (stage.cell !== cell.name) fail(`mixes the cells ${cell.name} and ${stage.cell}`);
    return Float64Array.from(
      cell.parameters,
      ({ name }) => stage.values[name] ?? fail(`a stage ${cell.name} has no value for ${name}`),
    );
  });
  return { cell: cell.name, values };
}

/** Whether an input's falling stage is printed: some column takes the input negated. */
export function isInverted(layer: DraftLayer, input: number): boolean {
  if (layer.negatives !== undefined) return false;
  for (let c = 0; c < layer.columns; c += 1) if (layer.siemens[input * layer.columns + c]! < 0) return true;
  return false;
}

/** The columns that an input's falling stages serve, one each; undefined: one serves all. Empty where none is needed. */
function inverterColumns(layer: DraftLayer, input: number): (number | undefined)[] {
  if (!layer.invertersPerEntry || layer.negatives !== undefined) return isInverted(layer, input) ? [undefined] : [];
  return Array.from({ length: layer.columns }, (_, c) => c).filter(
    (c) => layer.siemens[input * layer.columns + c]! < 0,
  );
}

/** The nodes of a layer, by place: names that say where they are. */
export const nodes = {
  input: (layer: number, place: number) => (layer === 0 ? `in${place}` : `y_l${layer - 1}_c${place}`),
  inverted: (layer: number, place: number, column?: number) =>
    `inv_l${layer}_i${place}${column === undefined ? '' : `_c${column}`}`,
  column: (layer: number, column: number) => `z_l${layer}_c${column}`,
  output: (layer: number, column: number) => `y_l${layer}_c${column}`,
  /** The − input and the output of the op-amp of a column, or of one of its entries. */
  minus: (layer: number, column: number, row?: number) =>
    `m_l${layer}${row === undefined ? '' : `_i${row}`}_c${column}`,
  opamp: (layer: number, column: number, row?: number) =>
    `x_l${layer}${row === undefined ? '' : `_i${row}`}_c${column}`,
} as const;

const BIAS_NODE = 'vdd';
const GROUND = '0';

export interface CircuitOptions {
  /** Keeps a resistor of infinite resistance where an entry is zero, so that its derivative can be asked for. */
  readonly keepAbsent?: boolean;
}

/** draft → devices, every one named and with its origin; an inverter only where a column needs it, shared by all columns. */
export function devicesOf(draft: Draft, technology: Technology, options: CircuitOptions = {}): Device[] {
  return draft.layers.flatMap((layer, l) => layerDevices(layer, l, technology, options));
}

function layerDevices(layer: DraftLayer, l: number, technology: Technology, options: CircuitOptions): Device[] {
  const devices: Device[] = [];
  const named = (row: StageRow, place: number): Record<string, number> =>
    Object.fromEntries(findCell(technology, row.cell).parameters.map(({ name }, k) => [name, row.values[place]![k]!]));
  for (let i = 0; i < layer.inputs; i += 1) {
    for (const column of inverterColumns(layer, i)) {
      devices.push({
        kind: 'stage',
        name: `neg_l${l}_i${i}${column === undefined ? '' : `_c${column}`}`,
        cell: layer.falling.cell,
        input: nodes.input(l, i),
        output: nodes.inverted(l, i, column),
        values: named(layer.falling, i),
        origin: { role: 'falling', layer: l, row: i, ...(column === undefined ? {} : { column }) },
      });
    }
  }
  for (let c = 0; c < layer.columns; c += 1) {
    for (let r = 0; r < layer.inputs + 2; r += 1) {
      const siemens = layer.siemens[r * layer.columns + c]!;
      if (siemens === 0 && options.keepAbsent !== true) continue;
      // twelve digits: 1/(1/x) is not x, and a printable value should read as one
      const ohms = siemens === 0 ? Number.POSITIVE_INFINITY : Number((1 / Math.abs(siemens)).toPrecision(12));
      const to = nodes.column(l, c);
      if (siemens < 0 && layer.negatives !== undefined) {
        devices.push(negativeResistor(layer, l, r, c, ohms));
        continue;
      }
      if (r < layer.inputs) {
        const from = siemens < 0 ? nodes.inverted(l, r, layer.invertersPerEntry ? c : undefined) : nodes.input(l, r);
        devices.push({
          kind: 'resistor',
          name: `r_l${l}_i${r}_c${c}`,
          nodes: [from, to],
          ohms,
          origin: { role: 'crossbar', layer: l, row: r, column: c },
        });
      } else {
        const bias = r === layer.inputs;
        devices.push({
          kind: 'resistor',
          name: `r_l${l}_${bias ? 'bias' : 'down'}_c${c}`,
          nodes: [bias ? BIAS_NODE : GROUND, to],
          ohms,
          origin: { role: bias ? 'bias' : 'pull-down', layer: l, column: c },
        });
      }
    }
    devices.push(...opampsOf(layer, l, c));
    devices.push({
      kind: 'stage',
      name: `act_l${l}_c${c}`,
      cell: layer.activation.cell,
      input: nodes.column(l, c),
      output: nodes.output(l, c),
      values: named(layer.activation, c),
      origin: { role: 'activation', layer: l, column: c },
    });
  }
  return devices;
}

/** The resistor of a negative entry, from its row to the − input of its op-amp. */
function negativeResistor(layer: DraftLayer, l: number, r: number, c: number, ohms: number): Device {
  const row = r < layer.inputs ? `i${r}` : r === layer.inputs ? 'bias' : 'down';
  const from = r < layer.inputs ? nodes.input(l, r) : r === layer.inputs ? BIAS_NODE : GROUND;
  return {
    kind: 'resistor',
    name: `rn_l${l}_${row}_c${c}`,
    nodes: [from, nodes.minus(l, c, layer.negatives!.form === 'entry' ? r : undefined)],
    ohms,
    origin: { role: 'negative', layer: l, row: r, column: c },
  };
}

/** The op-amps of a column with their feedback and drive resistors: one for all negative entries, or one for each. */
function opampsOf({ negatives, siemens, columns }: DraftLayer, l: number, c: number): Device[] {
  if (negatives === undefined) return [];
  const rows = Array.from({ length: siemens.length / columns }, (_, r) => r).filter(
    (r) => siemens[r * columns + c]! < 0,
  );
  const served = negatives.form === 'entry' ? rows : rows.slice(0, 1).map(() => undefined);
  return served.flatMap((row): Device[] => {
    const place = { layer: l, ...(row === undefined ? {} : { row }), column: c };
    const tail = `l${l}${row === undefined ? '' : `_i${row}`}_c${c}`;
    const [minus, out] = [nodes.minus(l, c, row), nodes.opamp(l, c, row)];
    const column = nodes.column(l, c);
    const printed = (ohms: number): number => Number(ohms.toPrecision(12));
    return [
      {
        kind: 'resistor',
        name: `rf_${tail}`,
        nodes: [out, minus],
        ohms: printed(negatives.feedbackOhms[c]!),
        origin: { role: 'feedback', ...place },
      },
      {
        kind: 'resistor',
        name: `rd_${tail}`,
        nodes: [out, column],
        ohms: printed(negatives.driveOhms[c]!),
        origin: { role: 'drive', ...place },
      },
      {
        kind: 'opamp',
        name: `op_${tail}`,
        model: negatives.model,
        plus: column,
        minus,
        output: out,
        origin: { role: 'opamp', ...place },
      },
    ];
  });
}

/** draft → circuit.json. */
export function circuitOf(
  draft: Draft,
  network: TrainedNetwork,
  technology: Technology,
  inputHashes: Readonly<Record<string, string>>,
): Circuit {
  const last = draft.layers.length - 1;
  return makeArtifact(CircuitKind, {
    name: network.name,
    technology: technology.name,
    inputs: network.inputs.map((_, i) => nodes.input(0, i)),
    outputs: network.classes.map((_, c) => nodes.output(last, c)),
    classes: network.classes,
    ...(network.task === undefined ? {} : { task: network.task }),
    devices: devicesOf(draft, technology),
    inputHashes,
  });
}
