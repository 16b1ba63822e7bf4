import type { FlatCircuit } from '@neuroprint/circuit';
import { buildDeck, type Engine, optionsLine, type RunOptions, runOrNothing } from '../engine/engine.ts';
import { SimulationError } from '../engine/errors.ts';
import { bareTechnology, flatCapacitors, flatDevices, flatNode } from '../render/flat-deck.ts';
import { renderDynamicModels, renderLibrary } from '../render/netlist.ts';
import { formatNumber } from '../render/templates.ts';

/** Tolerances of transients: steps follow the waveform to microvolts, and the end is as exact as an operating point. */
const TRANSIENT_OPTIONS =
  '.options reltol=1e-5 vntol=1e-8 abstol=1e-13 method=gear itl1=500 itl2=500 itl4=100 gminsteps=0 srcsteps=0';
/** Where op-amps begin at a rail: v = half·z/√(1 + z²) is 0.89·half; further out they take long to come back. */
const SATURATED = 2;

/** Where a transient begins, and where Newton begins to look for an operating point. */
export type Start = 'rest' | 'low' | 'high';

/** Voltages of all unknown nodes over time, row-major [points × unknowns]; `seconds` grows and starts near zero. */
export interface Waveform {
  readonly start: Start;
  readonly seconds: Float64Array;
  readonly volts: Float64Array;
}

export interface TransientRequest {
  readonly flat: FlatCircuit;
  /** Capacitance of every net against ground. */
  readonly nodeFarads: number;
  /** How long, and the largest step. */
  readonly seconds: number;
  readonly stepSeconds: number;
  readonly cases: readonly { readonly inputVolts: Float64Array; readonly start: Start }[];
}

/**
 * Transients with capacitors at all nets, where lines cross, and op-amps with their single pole. At time zero supplies and inputs are on
 * already (`uic`); the nodes are at 0 V (`rest`), or all at the lowest or highest supply and the op-amps at that rail. Where
 * the simulator gives up, the waveform is as long as it came. Throws SimulationError where there is none at all.
 */
export async function simulateTransients(
  engine: Engine,
  request: TransientRequest,
  options: RunOptions = {},
): Promise<Waveform[]> {
  const { flat, cases, seconds, stepSeconds } = request;
  const nodes = flat.unknowns.map((_, k) => `v(${flatNode(flat, k)})`);
  const body = [
    renderDynamicModels(bareTechnology(flat.technology)),
    ...flatDevices(flat),
    ...flatCapacitors(flat),
    ...sources(flat),
    ...netNodes(flat).map((_, k) => `c${k} ${flatNode(flat, k)} 0 ${formatNumber(request.nodeFarads)} ic=0`),
    'v_tag _tag 0 0',
    '.save v(_tag)',
    ...nodes.map((variable) => `.save ${variable}`),
  ].join('\n');
  const times = [stepSeconds, seconds, 0, stepSeconds].map(formatNumber).join(' ');
  const commands = cases.flatMap(({ inputVolts, start }, i) => [
    ...alterInputs(flat, inputVolts),
    ...alterStart(flat, start),
    `alter v_tag dc=${i}`,
    `tran ${times} uic`,
    'write result.raw',
    'destroy all',
  ]);
  const values = (cases.length * nodes.length * seconds) / stepSeconds;
  const plots = await engine.run(buildDeck(body, commands, TRANSIENT_OPTIONS), { values, ...options });
  const byTag = new Map(plots.map((plot) => [Math.round(plot.column('v(_tag)')[0] ?? Number.NaN), plot]));
  return cases.map(({ start }, i) => {
    const plot = byTag.get(i);
    if (plot === undefined || plot.points === 0)
      throw new SimulationError(`${engine.name} ${engine.version}`, `transient ${i} from ${start} did not begin`, '');
    const columns = nodes.map((name) => plot.column(name));
    return {
      start,
      seconds: plot.column('time'),
      volts: Float64Array.from(
        { length: plot.points * nodes.length },
        (_, k) => columns[k % nodes.length]![Math.floor(k / nodes.length)]!,
      ),
    };
  });
}

/**
 * The operating points that Newton finds when every unknown node is held at first at a voltage of its own (`.nodeset`), for each
 * row [rows × inputs] in turn; null where it finds none from there. `startVolts` [unknowns].
 */
export async function simulateFrom(
  engine: Engine,
  flat: FlatCircuit,
  inputVolts: Float64Array,
  startVolts: Float64Array,
  options: RunOptions = {},
): Promise<(Float64Array | null)[]> {
  const width = flat.inputs.length;
  const rows = inputVolts.length / width;
  const nodes = flat.unknowns.map((_, k) => `v(${flatNode(flat, k)})`);
  const body = [
    renderLibrary(bareTechnology(flat.technology), []).models,
    ...flatDevices(flat),
    ...sources(flat),
    ...nodes.map((variable, k) => `.nodeset ${variable}=${formatNumber(startVolts[k])}`),
    'v_tag _tag 0 0',
    '.save v(_tag)',
    ...nodes.map((variable) => `.save ${variable}`),
  ].join('\n');
  const commands = Array.from({ length: rows }, (_, row) => [
    ...alterInputs(flat, inputVolts.subarray(row * width, (row + 1) * width)),
    `alter v_tag dc=${row}`,
    'op',
    'write result.raw',
    'destroy all',
  ]).flat();
  const plots = await runOrNothing(engine, buildDeck(body, commands, optionsLine(flat.technology)), options);
  const byTag = new Map(plots.map((plot) => [Math.round(plot.column('v(_tag)')[0]!), plot]));
  return Array.from({ length: rows }, (_, row) => {
    const plot = byTag.get(row);
    return plot === undefined ? null : Float64Array.from(nodes, (name) => plot.column(name)[0]!);
  });
}

/** Supplies and inputs as sources that `alter` sets. */
function sources(flat: FlatCircuit): string[] {
  const supplies = flat.supplyVolts.length;
  return [
    ...flat.supplyVolts.slice(1).map((volts, i) => `v_s${i} d${i + 1} 0 ${formatNumber(volts)}`),
    ...flat.inputs.map((_, i) => `v_i${i} d${supplies + i} 0 0`),
  ];
}

function alterInputs(flat: FlatCircuit, inputVolts: Float64Array): string[] {
  return flat.inputs.map((_, i) => `alter v_i${i} dc=${formatNumber(inputVolts[i])}`);
}

/** The unknown nodes that are nets, and no inner places of metal. */
function netNodes({ unknowns, metalNodes = 0 }: FlatCircuit): readonly string[] {
  return unknowns.slice(0, unknowns.length - metalNodes);
}

/** What the capacitors hold at time zero, those behind the poles of the op-amps too. */
function alterStart(flat: FlatCircuit, start: Start): string[] {
  const { opamp } = flat.technology;
  const low = Math.min(0, ...flat.supplyVolts);
  const high = Math.max(0, ...flat.supplyVolts);
  const of = (lowest: number, highest: number): number => (start === 'rest' ? 0 : start === 'low' ? lowest : highest);
  return [
    ...netNodes(flat).map((_, k) => `alter @c${k}[ic]=${formatNumber(of(low, high))}`),
    ...flat.opamps.map((device, i) => {
      const half = 0.5 * (opamp!.highVolts - opamp!.lowVolts);
      // without rails the node behind the pole is the output itself
      const most = Number.isFinite(device.lowVolts) ? SATURATED * half : half;
      return `alter @c.xo${i}.cz[ic]=${formatNumber(of(-most, most))}`;
    }),
  ];
}
