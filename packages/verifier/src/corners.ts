import {
  BatchSolver,
  componentValues,
  type FlatCircuit,
  readsTemperature,
  type Technology,
  toleranceVolts,
  withParameter,
} from '@neuroprint/circuit';
import {
  type CaseTable,
  type Corner,
  type Device,
  type NodeTable,
  rowOf,
  selectVolts,
  UsageError,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import type { Engine } from '@neuroprint/spice';
import { compareVoltages } from './compare.ts';
import { NoOperatingPointError } from './exact-rows.ts';
import { checkStability } from './stability/stability.ts';
import { flatOf, type Subject, simulateSubject } from './subject.ts';

/** A circuit in the technology that it would have. */
interface Variant {
  readonly circuit: Subject;
  readonly technology: Technology;
}

/** Something that moves for the whole print at once. `values` hold the nominal one. */
interface Factor extends Pick<Corner, 'factor' | 'unit'> {
  readonly nominal: number;
  readonly values: readonly number[];
  apply(variant: Variant, value: number): Variant;
}

/** What laws call their threshold; of a p-type device it is the magnitude that counts. */
const THRESHOLD = 'vth';
const BOTH_WAYS = [-0.2, -0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15, 0.2];

/** What is moved, and by how much: thresholds by shares of the bias. */
const factorsOf = (biasVolts: number): readonly Factor[] => [
  {
    factor: 'supply',
    unit: 'relative',
    nominal: 0,
    values: BOTH_WAYS,
    apply: ({ circuit, technology }, value) => ({
      circuit: supplied(circuit, 1 + value),
      technology: {
        ...technology,
        supplies: Object.fromEntries(
          Object.entries(technology.supplies).map(([node, volts]) => [node, volts * (1 + value)]),
        ),
      },
    }),
  },
  {
    factor: 'resistance',
    unit: 'relative',
    nominal: 0,
    values: [-0.5, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.5],
    apply: ({ circuit, technology }, value) => ({ circuit: drifted(circuit, technology, 1 + value), technology }),
  },
  {
    factor: 'threshold',
    unit: 'volts',
    nominal: 0,
    values: [-0.1, -0.075, -0.05, -0.025, 0, 0.025, 0.05, 0.075, 0.1].map((share) => share * biasVolts),
    apply: ({ circuit, technology }, value) => ({
      circuit,
      technology: {
        ...technology,
        transistors: Object.fromEntries(
          Object.entries(technology.transistors).map(([name, kind]) => [
            name,
            withParameter(kind, THRESHOLD, (volts) => volts + value),
          ]),
        ),
      },
    }),
  },
  {
    factor: 'source resistance',
    unit: 'ohms',
    nominal: 0,
    values: [0, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6],
    apply: ({ circuit, technology }, value) => ({
      circuit: value === 0 ? circuit : withSources(circuit, value),
      technology,
    }),
  },
];

/** Between these a process is looked at: below, and above, nothing printed is used. */
const CELSIUS = { minimum: -60, maximum: 200 };
const CELSIUS_STEPS = 8;

/** The temperature of all devices, over a range that was asked for. Throws UsageError where no device of the technology knows it. */
function temperatureOf({ name, celsius, transistors }: Technology, [from, to]: readonly [number, number]): Factor {
  if (from < CELSIUS.minimum || to > CELSIUS.maximum)
    throw new UsageError(
      `A temperature of ${from < CELSIUS.minimum ? from : to} °C is out of range: devices are looked at from ${CELSIUS.minimum} to ${CELSIUS.maximum} °C.`,
    );
  if (!Object.values(transistors).some(readsTemperature))
    throw new UsageError(
      `No transistor of ${name} says how its current depends on the temperature.`,
      'A law in technology.json reads it as temp, in degrees Celsius.',
    );
  const steps = Array.from({ length: CELSIUS_STEPS + 1 }, (_, i) => from + ((to - from) * i) / CELSIUS_STEPS);
  return {
    factor: 'temperature',
    unit: 'celsius',
    nominal: celsius,
    values: [...new Set([...steps, celsius])].sort((a, b) => a - b),
    apply: ({ circuit, technology }, value) => ({ circuit, technology: { ...technology, celsius: value } }),
  };
}

/** Bisections of the step in which the accuracy falls below the limit. */
const BISECTIONS = 8;
/** Rows of the ends that ngspice simulates, at most. */
const SIMULATED_ROWS = 500;

/** Which corners: those that every process has, and the temperature between two ends. */
export interface CornersRequest {
  readonly all: boolean;
  readonly celsius?: readonly [number, number] | undefined;
}

/**
 * Accuracy of the circuit while supply, all resistances, all thresholds, the resistance of the input sources or the temperature move, by the
 * exact solver; where it falls below `limitAccuracy`; and both ends of each once more in ngspice, every node compared.
 * Input voltages stay as they are. Without labels the decisions are compared with the nominal circuit's instead.
 */
export async function corners(
  engine: Engine,
  circuit: Subject,
  technology: Technology,
  cases: CaseTable,
  limitAccuracy: number,
  asked: CornersRequest,
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<Corner[]> {
  const classes = circuit.outputs.length;
  const nominal = { circuit, technology };
  const nominalDecisions = decide(nominal, cases, classes);
  const judged = cases.labels ?? nominalDecisions;
  const result: Corner[] = [];
  const factors = [
    ...(asked.all ? factorsOf(technology.bias.volts) : []),
    ...(asked.celsius === undefined ? [] : [temperatureOf(technology, asked.celsius)]),
  ];
  for (const [i, factor] of factors.entries()) {
    onProgress?.(`corners: ${factor.factor}`, i, factors.length);
    const measure = (value: number) => {
      const decided = decide(factor.apply(nominal, value), cases, classes);
      return {
        value,
        accuracy: cases.labels === undefined ? null : accuracy(decided, cases.labels),
        agreement: accuracy(decided, nominalDecisions),
      };
    };
    const good = (value: number): boolean =>
      accuracy(decide(factor.apply(nominal, value), cases, classes), judged) >= limitAccuracy - 1e-12;
    const points = factor.values.map(measure);
    const passes = points.map((point) => (point.accuracy ?? point.agreement) >= limitAccuracy - 1e-12);
    const at = factor.values.indexOf(factor.nominal);
    result.push({
      factor: factor.factor,
      unit: factor.unit,
      points,
      fails: {
        below: failing(factor.values, passes, at, -1, good),
        above: failing(factor.values, passes, at, 1, good),
      },
      limitAccuracy,
      ...(await simulateEnds(engine, factor, nominal, cases)),
    });
  }
  return result;
}

/** The value where the circuit starts to fail, going from nominal in one direction; null where it never does. */
function failing(
  values: readonly number[],
  passes: readonly boolean[],
  nominal: number,
  direction: -1 | 1,
  good: (value: number) => boolean,
): number | null {
  for (let at = nominal; at >= 0 && at < values.length; at += direction) {
    if (passes[at]) continue;
    if (at === nominal) return values[at]!;
    let [holds, fails] = [values[at - direction]!, values[at]!];
    for (let i = 0; i < BISECTIONS; i += 1) {
      const middle = 0.5 * (holds + fails);
      if (good(middle)) holds = middle;
      else fails = middle;
    }
    return fails;
  }
  return null;
}

/** Volts of every unknown node. Throws NoOperatingPointError with the row. */
function solve({ circuit, technology }: Variant, inputVolts: Float64Array): NodeTable {
  const flat = flatOf(circuit, technology);
  const solver = new BatchSolver(flat);
  solver.setValues(componentValues(flat));
  const rows = inputVolts.length / circuit.inputs.length;
  const volts = solver.newState(rows);
  const [failed] = solver.solve(inputVolts, rows, volts);
  if (failed !== undefined)
    throw new NoOperatingPointError(`The exact solver found no operating point for row ${failed} at a corner.`);
  return { nodes: flat.unknowns, rows, volts };
}

function decide(variant: Variant, cases: CaseTable, classes: number): Int32Array {
  return decisions(selectVolts(solve(variant, cases.inputVolts), variant.circuit.outputs), classes);
}

/**
 * Both ends in ngspice against the exact solver. Where they differ because the circuit is not stable there (through large source
 * resistances a printed circuit can get a second state) that is said, and the next value inwards is compared.
 */
async function simulateEnds(
  engine: Engine,
  factor: Factor,
  nominal: Variant,
  cases: CaseTable,
): Promise<Pick<Corner, 'simulatedPoints' | 'maxErrorVolts' | 'notStable'>> {
  let simulatedPoints = 0;
  let maxErrorVolts = 0;
  const notStable: NonNullable<Corner['notStable']>[number][] = [];
  for (const inwards of [factor.values, [...factor.values].reverse()]) {
    for (const value of inwards) {
      if (value === factor.nominal) break;
      const variant = factor.apply(nominal, value);
      const { error, differingVolts } = await compareSolvers(engine, variant, cases);
      simulatedPoints += 1;
      const found = differingVolts.length === 0 ? undefined : await stabilityAt(engine, variant, differingVolts);
      if (found === undefined || found.verdict === 'stable') {
        maxErrorVolts = Math.max(maxErrorVolts, error);
        break;
      }
      notStable.push({ value, verdict: found.verdict, reason: found.reason });
    }
  }
  return { simulatedPoints, maxErrorVolts, ...(notStable.length === 0 ? {} : { notStable }) };
}

/** The largest difference, and the inputs of the rows that differ by more than is right. */
async function compareSolvers(engine: Engine, variant: Variant, cases: CaseTable) {
  const width = variant.circuit.inputs.length;
  const rows = Math.min(cases.rows, SIMULATED_ROWS);
  const volts = cases.inputVolts.subarray(0, rows * width);
  const simulated = await simulateSubject(engine, variant.circuit, variant.technology, volts);
  const exact = solve(variant, volts);
  const errors = Array.from(
    { length: rows },
    (_, row) => compareVoltages(rowOf(simulated, row), rowOf(exact, row)).maxErrorVolts,
  );
  const differing = [...errors.keys()].filter((row) => errors[row]! > toleranceVolts(variant.technology));
  return {
    error: errors.reduce((most, value) => Math.max(most, value), 0),
    differingVolts: Float64Array.from(differing.flatMap((row) => [...volts.subarray(row * width, (row + 1) * width)])),
  };
}

function stabilityAt(engine: Engine, { circuit, technology }: Variant, inputVolts: Float64Array) {
  const cases = { inputVolts, rows: inputVolts.length / circuit.inputs.length };
  return checkStability(engine, flatOf(circuit, technology), cases, circuit.outputs, 0);
}

/** Supplies times a factor, where the circuit has them and not the technology. */
function supplied(circuit: Subject, factor: number): Subject {
  if (!('flat' in circuit)) return circuit;
  const { flat } = circuit;
  return { ...circuit, flat: { ...flat, supplyVolts: flat.supplyVolts.map((volts) => volts * factor) } };
}

/** Every resistance times a factor, those inside the cells too. */
function drifted(circuit: Subject, technology: Technology, factor: number): Subject {
  if ('flat' in circuit) {
    const components = circuit.flat.components.map((component) =>
      component.unit === 'ohms' ? { ...component, value: component.value * factor } : component,
    );
    return { ...circuit, flat: { ...circuit.flat, components } };
  }
  const drift = (device: Device): Device => {
    if (device.kind === 'resistor') return { ...device, ohms: device.ohms * factor };
    if (device.kind === 'opamp') return device;
    const units = new Map(technology.cells[device.cell]!.parameters.map(({ name, unit }) => [name, unit]));
    return {
      ...device,
      values: Object.fromEntries(
        Object.entries(device.values).map(([name, value]) => [
          name,
          units.get(name) === 'ohms' ? value * factor : value,
        ]),
      ),
    };
  };
  return { ...circuit, devices: circuit.devices.map(drift) };
}

/** A resistor between every input and a new node that is driven instead. */
function withSources(circuit: Subject, ohms: number): Subject {
  const inputs = circuit.inputs.map((_, i) => `src_${i}`);
  if ('flat' in circuit) return { ...circuit, inputs, flat: withFlatSources(circuit.flat, inputs, ohms) };
  const resistors = circuit.inputs.map(
    (node, i): Device => ({
      kind: 'resistor',
      name: `r_src_${i}`,
      nodes: [inputs[i]!, node],
      ohms,
      origin: { role: 'crossbar', layer: 0, row: i },
    }),
  );
  return { ...circuit, inputs, devices: [...resistors, ...circuit.devices] };
}

/** The inputs become unknown nodes; they stand behind the others, so that places before them stay. */
function withFlatSources(flat: FlatCircuit, inputs: readonly string[], ohms: number): FlatCircuit {
  const size = flat.unknowns.length;
  const supplies = flat.supplyVolts.length;
  const count = inputs.length;
  // unknown, supplies, inputs → unknown, inputs, supplies, new inputs
  const moved = (node: number): number =>
    node < size ? node : node < size + supplies ? node + count : node - supplies;
  return {
    ...flat,
    unknowns: [...flat.unknowns, ...flat.inputs],
    driven: [...flat.driven.slice(0, supplies), ...inputs],
    inputs,
    components: [
      ...flat.components,
      ...inputs.map((name): FlatCircuit['components'][number] => ({
        name: `r_${name}`,
        device: `r_${name}`,
        parameter: 'ohms',
        unit: 'ohms',
        value: ohms,
        origin: { role: 'crossbar', layer: 0 },
      })),
    ],
    resistors: [
      ...flat.resistors.map(({ nodes: [a, b], component }) => ({ nodes: [moved(a), moved(b)] as const, component })),
      ...inputs.map((_, i) => ({
        nodes: [size + count + supplies + i, size + i] as const,
        component: flat.components.length + i,
      })),
    ],
    transistors: flat.transistors.map((t) => ({
      ...t,
      drain: moved(t.drain),
      gate: moved(t.gate),
      source: moved(t.source),
    })),
    leaks: flat.leaks.map(({ nodes: [a, b], ...leak }) => ({ ...leak, nodes: [moved(a), moved(b)] as const })),
    opamps: flat.opamps.map((o) => ({ ...o, plus: moved(o.plus), minus: moved(o.minus), output: moved(o.output) })),
  };
}
