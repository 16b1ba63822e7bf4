import {
  type Cell,
  type CellElement,
  describeOrigin,
  elementNodes,
  findCell,
  IDEAL_GAIN,
  type Technology,
  transistorOf,
} from '@neuroprint/circuit';
import {
  type Circuit,
  type InputRange,
  lineInWords,
  type OpampDevice,
  rangeInWords,
  regressionOf,
  type StageDevice,
} from '@neuroprint/core';
import { TemplateError } from '../engine/errors.ts';
import { findSubckt, type ParsedSubckt, parseNetlist } from '../text/own-netlist.ts';
import { modelParameters, renderTransistors } from './models.ts';
import { checkName, parameterName, renderTemplate } from './templates.ts';

/** What a netlist needs of a circuit. */
export type CircuitLike = Pick<Circuit, 'name' | 'inputs' | 'outputs' | 'devices'> &
  Partial<Pick<Circuit, 'classes' | 'task'>>;

/** The ports of the subcircuit `network`: inputs, outputs, supplies in the technology's order. */
export function networkPorts(circuit: CircuitLike, technology: Technology): string[] {
  return [...circuit.inputs, ...circuit.outputs, ...Object.keys(technology.supplies)];
}

/**
 * netlist.cir: the transistor model, one subcircuit per used cell, and the subcircuit `network` with every crossbar
 * resistor, op-amp and stage, each with its origin in words. Device names are the circuit's; a stage `act_l0_c1` is the
 * instance `xact_l0_c1`. With the network's `sensors` comments say what the inputs mean. Throws TemplateError where a template is missing, wrong, or says something else than
 * technology.json, and where a name or number must not stand in a netlist.
 */
export function renderNetlist(
  circuit: CircuitLike,
  technology: Technology,
  sensors: readonly InputRange[] = [],
): string {
  checkNames(circuit, technology);
  const cells = [...new Set(circuit.devices.flatMap((device) => (device.kind === 'stage' ? [device.cell] : [])))];
  const library = renderLibrary(
    technology,
    cells.map((name) => findCell(technology, name)),
  );
  const layers = [...new Set(circuit.devices.map((device) => device.origin.layer))].sort((a, b) => a - b);
  return renderTemplate(technology.folder, 'network.cir.hbs', {
    title: circuit.name,
    technology: technology.name,
    inputWords: circuit.inputs.join(', '),
    outputWords: outputsInWords(circuit),
    sensors: sensors.map((sensor, i) => `${circuit.inputs[i]} = ${rangeInWords(sensor)}`),
    models: library.models,
    cells: library.cells.map((cell) => cell.text),
    ports: networkPorts(circuit, technology),
    layers: layers.map((layer) => renderLayer(circuit, technology, library, layer)),
  });
}

/** What a reader of the netlist's outputs has to know. */
function outputsInWords(circuit: CircuitLike): string {
  const { outputs, classes } = circuit;
  const line = regressionOf(circuit);
  return line === undefined
    ? `Outputs, one per class (the largest voltage decides): ${outputs.map((node, i) => `${node} = ${classes?.[i] ?? i}`).join(', ')}`
    : `Output: ${outputs[0]}, which means ${lineInWords(line).replace('·v_out', ` V(${outputs[0]})`)}`;
}

interface CellText {
  readonly name: string;
  readonly text: string;
  readonly ports: readonly string[];
}

/** The model and the cells of a technology as text. */
export interface Library {
  readonly models: string;
  readonly cells: readonly CellText[];
}

/** Renders models.lib.hbs and the template of every given cell, and checks them against technology.json. */
export function renderLibrary(technology: Technology, cells: readonly Cell[]): Library {
  const { folder } = technology;
  const transistor = renderTransistors(technology);
  const models = technology.opamp === undefined ? transistor : `${transistor}\n\n${renderOpamps(technology)}`;
  return {
    models,
    cells: cells.map((cell) => {
      const file = `${checkName(cell.name)}.cir.hbs`;
      const text = renderTemplate(folder, file, { cell, technology: technology.name }).trimEnd();
      const netlist = parseNetlist(`${models}\n${text}\n`, file);
      const subckt = findSubckt(netlist, cell.name);
      checkCellTemplate(file, subckt, cell, technology);
      return { name: cell.name, text, ports: subckt.ports };
    }),
  };
}

/** The name of the subcircuit of an op-amp model. */
export function opampSubckt(model: OpampDevice['model']): string {
  return `opamp_${model}`;
}

/** opamp.lib.hbs: the subcircuits `opamp_ideal`, `opamp_gain` and `opamp_rails`, ports plus, minus, out. */
function renderOpamps(technology: Technology): string {
  const { gain, lowVolts, highVolts } = technology.opamp!;
  const half = 0.5 * (highVolts - lowVolts);
  const values = {
    gain,
    idealGain: IDEAL_GAIN,
    half,
    middle: 0.5 * (highVolts + lowVolts),
    inputVolts: half / gain,
    halfSquared: half * half,
  };
  return renderTemplate(technology.folder, 'opamp.lib.hbs', { ...values, lowVolts, highVolts }).trimEnd();
}

/** The transistor, and opampPole.lib.hbs: op-amps of the same names and operating points with the single pole of their gain-bandwidth. */
export function renderDynamicModels(technology: Technology): string {
  const { folder, opamp } = technology;
  const transistor = renderTransistors(technology);
  if (opamp === undefined) return transistor;
  const { gain, gainBandwidthHertz, lowVolts, highVolts } = opamp;
  const pole = renderTemplate(folder, 'opampPole.lib.hbs', {
    gain,
    gainBandwidthHertz,
    idealGain: IDEAL_GAIN,
    poleFarads: 1 / (2 * Math.PI * gainBandwidthHertz),
    middle: 0.5 * (highVolts + lowVolts),
    inverseHalfSquared: 4 / (highVolts - lowVolts) ** 2,
  });
  return `${transistor}\n\n${pole.trimEnd()}`;
}

/** The text of a library, ready to stand in a deck. */
export function libraryText(library: Library): string {
  return [library.models, ...library.cells.map((cell) => cell.text)].join('\n\n');
}

/** The nodes of an instance of a cell, in the order of its ports; a port that is neither in nor out is a supply. */
export function instanceNodes(library: Library, cell: string, input: string, output: string): string[] {
  const { ports } = library.cells.find((known) => known.name === cell)!;
  return ports.map((port) => (port === 'in' ? input : port === 'out' ? output : port));
}

/** The template must draw what technology.json says, or ngspice and the exact solver would see two circuits. */
function checkCellTemplate(file: string, subckt: ParsedSubckt, cell: Cell, technology: Technology): void {
  const fail = (message: string): never => {
    throw new TemplateError(file, message, `Make the template and cells.${cell.name} of technology.json agree.`);
  };
  for (const port of subckt.ports) {
    if (port !== 'in' && port !== 'out' && !Object.hasOwn(technology.supplies, port)) {
      fail(`the port ${port} is neither in nor out nor a supply`);
    }
  }
  const expected = cell.elements.map((element) => elementLine(element, technology));
  const drawn = [
    ...subckt.resistors.map((resistor) => `${resistor.name} ${resistor.nodes.join(' ')} ${resistor.ohms}`),
    ...subckt.instances.map((x) =>
      [x.name, ...x.nodes, x.subckt, ...Object.entries(x.params).map(([name, value]) => `${name}={${value}}`)].join(
        ' ',
      ),
    ),
  ];
  for (const line of expected) if (!drawn.includes(line)) fail(`lacks the element "${line}"`);
  for (const line of drawn)
    if (!expected.includes(line)) fail(`has the element "${line}", which technology.json lacks`);
  const touched = new Set(cell.elements.flatMap(elementNodes));
  for (const supply of Object.keys(technology.supplies)) {
    if (touched.has(supply) && !subckt.ports.includes(supply)) fail(`the supply ${supply} is no port`);
  }
}

/** Op-amps inside of cells are as real as they can be. */
const OPAMP_OF_CELLS = opampSubckt('rails');

/** An element as its template must have it: name, nodes, kind and value. */
function elementLine(element: CellElement, technology: Technology): string {
  switch (element.kind) {
    case 'resistor':
      return `r${element.name} ${element.nodes.join(' ')} ${parameterName(element.ohms)}`;
    case 'transistor': {
      const kind = transistorOf(technology, element);
      const [w, l] = [parameterName(element.width), parameterName(element.length)];
      const sizes: Readonly<Record<string, string>> = { wl: `${w}/${l}`, w, l };
      const given = modelParameters(technology, kind).map((name) => `${name}={${sizes[name]}}`);
      return `x${element.name} ${element.drain} ${element.gate} ${element.source} ${kind.name} ${given.join(' ')}`;
    }
    case 'opamp':
      return `x${element.name} ${element.plus} ${element.minus} ${element.output} ${OPAMP_OF_CELLS}`;
  }
}

function renderLayer(circuit: CircuitLike, technology: Technology, library: Library, layer: number) {
  const devices = circuit.devices.filter((device) => device.origin.layer === layer);
  const resistors = devices
    .filter((device) => device.kind === 'resistor')
    .map((device) => ({ ...device, origin: describeOrigin(device.origin) }));
  const stages = devices
    .filter((device) => device.kind === 'stage')
    .map((device) => ({
      name: device.name,
      cell: device.cell,
      origin: describeOrigin(device.origin),
      ports: instanceNodes(library, device.cell, device.input, device.output),
      values: stageValues(device, findCell(technology, device.cell)),
    }));
  const opamps = devices
    .filter((device) => device.kind === 'opamp')
    .map((device) => ({
      name: device.name,
      cell: opampSubckt(device.model),
      origin: describeOrigin(device.origin),
      ports: [device.plus, device.minus, device.output],
      values: [],
    }));
  const crossbar = renderTemplate(technology.folder, 'crossbar.cir.hbs', { layer, resistors }).trimEnd();
  return { layer, crossbar, stages: [...opamps, ...stages] };
}

function stageValues(device: StageDevice, cell: Cell) {
  return cell.parameters.map(({ name }) => ({ name, value: device.values[name] }));
}

/** Names that ngspice would take for something else, or that collide once they are device names. */
function checkNames(circuit: CircuitLike, technology: Technology): void {
  const seen = new Set<string>();
  for (const device of circuit.devices) {
    const name = device.kind === 'resistor' ? checkName(device.name) : `x${checkName(device.name)}`;
    if (device.kind === 'resistor' && !name.startsWith('r')) {
      throw new TemplateError(name, 'the name of a resistor must start with r: ngspice tells devices by it');
    }
    if (seen.has(name)) throw new TemplateError(name, 'two devices have this name');
    seen.add(name);
  }
  const ports = networkPorts(circuit, technology);
  const twice = ports.find((port, i) => ports.indexOf(port) !== i);
  if (twice !== undefined) throw new TemplateError(twice, 'two ports of the circuit have this name');
  for (const cell of Object.values(technology.cells)) {
    const folded = cell.parameters.map(({ name }) => name.toLowerCase());
    if (new Set(folded).size < folded.length) {
      throw new TemplateError(cell.name, 'two parameters differ by case only, and ngspice folds case');
    }
  }
}
