import { type Circuit, type Device, Draws, type OpampDevice } from '@neuroprint/core';
import { loadTechnology } from '../src/technology/technology.ts';
import { TEMPLATES } from './example.ts';

export const opamp = loadTechnology(TEMPLATES, 'opamp');

/** A sigmoid stage of moderate gain. */
const STAGE = { R1: 1e5, W1: 3e-5, L1: 5.4e-5, R2: 1e5, W2: 3e-5, L2: 5.4e-5 };

/**
 * One column with positive conductances from some inputs and negative ones from the others, made by one op-amp, and a sigmoid
 * stage behind it: v_x = v_z + R_f·Σ (v_z − v_i)/R_i, |g_i| = R_f/(R·R_i).
 */
export function columnWithNegatives(
  model: OpampDevice['model'],
  positiveOhms: readonly number[],
  negativeOhms: readonly number[],
): Pick<Circuit, 'name' | 'inputs' | 'outputs' | 'devices'> {
  const inputs = [...positiveOhms, ...negativeOhms].map((_, i) => `in${i}`);
  const resistor = (name: string, a: string, b: string, ohms: number, role: Device['origin']['role']): Device => ({
    kind: 'resistor',
    name,
    nodes: [a, b],
    ohms,
    origin: { role, layer: 0, column: 0 },
  });
  const devices: Device[] = [
    ...positiveOhms.map((ohms, i) => resistor(`r_i${i}`, `in${i}`, 'z', ohms, 'crossbar')),
    ...negativeOhms.map((ohms, i) => resistor(`rn_i${i}`, `in${positiveOhms.length + i}`, 'minus', ohms, 'negative')),
    resistor('rf', 'x', 'minus', 1e5, 'feedback'),
    resistor('rd', 'x', 'z', 1e5, 'drive'),
    {
      kind: 'opamp',
      name: 'op',
      model,
      plus: 'z',
      minus: 'minus',
      output: 'x',
      origin: { role: 'opamp', layer: 0, column: 0 },
    },
    {
      kind: 'stage',
      name: 'act',
      cell: 'sigmoid',
      input: 'z',
      output: 'y',
      values: STAGE,
      origin: { role: 'activation', layer: 0, column: 0 },
    },
  ];
  return { name: 'negative', inputs, outputs: ['y'], devices };
}

/** Resistances between 50 kΩ and 5 MΩ with more positive than negative conductance. */
export function randomOhms(seed: number, count: number, least: number): number[] {
  const draws = new Draws(seed, 'negative conductances');
  return Array.from({ length: count }, (_, i) => least * 10 ** draws.uniform(0, i));
}

/** An inverting amplifier, v_x = −10·v_in while the supplies of its op-amp let it, and a sigmoid stage that reads it. */
export function amplifier(model: OpampDevice['model']): Pick<Circuit, 'name' | 'inputs' | 'outputs' | 'devices'> {
  const { devices } = columnWithNegatives(model, [], [1e5]);
  const renamed = devices.flatMap((device): Device[] => {
    if (device.name === 'rd') return [];
    if (device.kind === 'opamp') return [{ ...device, plus: '0' }];
    if (device.kind === 'stage') return [{ ...device, input: 'x' }];
    return device.name === 'rf' && device.kind === 'resistor' ? [{ ...device, ohms: 1e6 }] : [device];
  });
  return { name: 'amplifier', inputs: ['in0'], outputs: ['y'], devices: renamed };
}

/** The same circuit whose inputs come through resistances. */
export function withSourceResistances<T extends Pick<Circuit, 'inputs' | 'devices'>>(circuit: T, ohms: number): T {
  const sources = circuit.inputs.map(
    (node, i): Device => ({
      kind: 'resistor',
      name: `r_src${i}`,
      nodes: [`src${i}`, node],
      ohms,
      origin: { role: 'crossbar', layer: 0, row: i },
    }),
  );
  return { ...circuit, inputs: circuit.inputs.map((_, i) => `src${i}`), devices: [...sources, ...circuit.devices] };
}

/**
 * A sigmoid stage whose output feeds its own input through a resistor: at 0.49 V it has two states that it stays in, and one
 * between them that it leaves.
 */
export function latch(): Pick<Circuit, 'name' | 'inputs' | 'outputs' | 'devices'> {
  const { devices } = columnWithNegatives('rails', [1e5], []);
  const kept = devices.filter(({ name }) => name === 'r_i0' || name === 'act');
  const feedback: Device = {
    kind: 'resistor',
    name: 'r_back',
    nodes: ['y', 'z'],
    ohms: 5e4,
    origin: { role: 'crossbar', layer: 0, column: 0 },
  };
  return { name: 'latch', inputs: ['in0'], outputs: ['y'], devices: [...kept, feedback] };
}

/** Input at which `latch` has two stable states. */
export const LATCHING_VOLTS = 0.49;

/** Stable with ideal sources; through 50 kΩ each it runs away, though 100 − 50 µS of conductance are positive in sum. */
export const MANY_NEGATIVES = {
  circuit: columnWithNegatives('rails', [1e4], [1e5, 1e5, 1e5, 1e5, 1e5]),
  sourceOhms: 5e4,
  inputVolts: [0.6, 0.5, 0.5, 0.4, 0.5, 0.6],
};
