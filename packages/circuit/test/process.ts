import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAW_LIBRARY } from '../src/law/library.ts';
import { type CellElement, loadTechnology, type Technology } from '../src/technology/technology.ts';
import { TEMPLATES } from './example.ts';

/** Values of a law of the library that differ from its starting values. */
function kind(law: keyof typeof LAW_LIBRARY, values: Record<string, number>, more: object = {}) {
  const { text, parameters } = LAW_LIBRARY[law];
  return {
    polarity: 'n',
    description: `a device of ${law}`,
    law: text,
    parameters: Object.fromEntries(
      parameters.map(({ name, unit, start }) => [name, { unit, value: values[name] ?? start, source: 'test' }]),
    ),
    ...more,
  };
}

const number = (value: number) => ({ value, source: 'test' });

/** Kinds of both polarities, enhancement and depletion, with contacts and leaking gates, and one whose length counts by itself. */
const KINDS = {
  ekv: kind('ekv', { i0: 2e-8, vth: 0.8, phi: 0.12, gamma: 2.2 }),
  square: kind(
    'level1',
    { kp: 6.61e-6, vth: 0.6, phi: 0.09 },
    { gateSiemens: number(2e-8), contactOhmMetres: number(0.2) },
  ),
  pmos: kind('virtual-source', { k: 2e-7, vth: 0.7, n: 4, gamma: 0.4 }, { polarity: 'p' }),
  depletion: kind('level1', { kp: 1e-6, vth: -1.5, phi: 0.1 }),
  sized: {
    ...kind('ekv', { i0: 2e-8, vth: 0.8, phi: 0.12, gamma: 2.2 }),
    law: {
      source: 'test',
      let: { u: '(vg - vs - vth) / phi', w: '(vg - vd - vth) / phi', shape: '(W + 1e-6) / (L - 2e-6)' },
      drainAmperes:
        'i0 * shape * (ln(1 + exp(u))^gamma - ln(1 + exp(w))^gamma) * (1 + lambda * sqrt((vd - vs)^2 + eps))',
    },
  },
};

const length = (name: string, min: number, max: number) => ({ name, unit: 'metres', min, max, scale: 'log' });
const SIZES = { W1: 1e-4, L1: 2e-5, W2: 2e-4, L2: 2e-5 };
const transistor = (name: string, model: string, drain: string, gate: string, source: string) => {
  const [width, l] = name.startsWith('p') ? ['W2', 'L2'] : ['W1', 'L1'];
  return { kind: 'transistor', name, model, drain, gate, source, width, length: l } as const;
};

function cell(curve: 'falling' | 'rising', elements: readonly CellElement[]) {
  return {
    description: 'test',
    curve,
    parameters: [
      ...[length('W1', 1e-5, 1e-3), length('L1', 1e-5, 1e-4), length('W2', 1e-5, 1e-3), length('L2', 1e-5, 1e-4)],
    ],
    constraints: [],
    typical: SIZES,
    elements,
  };
}

const inverter = (n: string, from: string, to: string, suffix = '') => [
  transistor(`n${suffix}`, n, to, from, '0'),
  transistor(`p${suffix}`, 'pmos', to, from, 'vdd'),
];

/** Complementary stages with either n-type device, two in a row, and a depletion load. */
const CELLS = {
  complementary: cell('falling', inverter('ekv', 'in', 'out')),
  leaking: cell('falling', inverter('square', 'in', 'out')),
  rising: cell('rising', [...inverter('sized', 'in', 'mid', '1'), ...inverter('square', 'mid', 'out', '2')]),
  depleted: cell('falling', [
    transistor('p', 'depletion', 'vdd', 'out', 'out'),
    transistor('n', 'square', 'out', 'in', '0'),
  ]),
};

/** How the subcircuit of a cell is called on its transistors. */
function templateOf(name: string, elements: readonly CellElement[]): string {
  const lines = elements.map((element) => {
    if (element.kind !== 'transistor') throw new Error('a test has transistors only');
    const { name: of, model = '', drain, gate, source } = element;
    const [w, l] = [element.width.toLowerCase(), element.length.toLowerCase()];
    const sizes = model === 'square' || model === 'sized' ? `w={${w}} l={${l}}` : `wl={${w}/${l}}`;
    return `x${of} ${drain} ${gate} ${source} ${model} ${sizes}`;
  });
  return [`.subckt ${name} in out vdd w1=1 l1=1 w2=1 l2=1`, ...lines, `.ends ${name}`, ''].join('\n');
}

/** A chain of one stage of every cell, with resistors before each, at 5 V. */
export function chain(technology: Technology) {
  const devices = Object.values(technology.cells).flatMap((of, i) => {
    const origin = { role: 'activation', layer: i } as const;
    const [from, z] = [i === 0 ? 'in_0' : `a_${i - 1}`, `z_${i}`];
    const resistor = (name: string, node: string, ohms: number) =>
      ({ kind: 'resistor', name: `r_${name}_${i}`, nodes: [node, z], ohms, origin }) as const;
    const stage = { kind: 'stage', name: `act_${i}`, cell: of.name, input: z, output: `a_${i}` } as const;
    return [
      ...[resistor('in', from, 3e5), resistor('other', 'in_1', 9e5), resistor('up', 'vdd', 4e6)],
      { ...stage, values: of.typical, origin },
    ];
  });
  return { name: 'chain', inputs: ['in_0', 'in_1'], outputs: ['a_3'], devices };
}

/** A process at 5 V with transistors of five kinds, in a folder of its own. */
export function mixedProcess(change: (file: Record<string, unknown>) => void = () => {}): Technology {
  const root = mkdtempSync(join(tmpdir(), 'neuroprint-process-'));
  const folder = join(root, 'mixed');
  mkdirSync(folder);
  const file = JSON.parse(readFileSync(join(TEMPLATES, 'egt', 'technology.json'), 'utf8'));
  const mixed = { ...file, name: 'mixed', supplies: { vdd: number(5) }, transistors: KINDS, cells: CELLS };
  change(mixed);
  writeFileSync(join(folder, 'technology.json'), JSON.stringify(mixed));
  for (const [name, { elements }] of Object.entries(CELLS))
    writeFileSync(join(folder, `${name}.cir.hbs`), templateOf(name, elements));
  return loadTechnology(root, 'mixed');
}
