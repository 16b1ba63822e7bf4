import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTechnology } from '@neuroprint/circuit';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSamples, sample } from '../src/index.ts';
import { checkTechnology } from '../src/technology-check.ts';

const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'neuroprint-polarity-'));
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

const number = (unit: string, value: number) => ({ unit, value, source: 'made up' });
const ohms = (value: number) => ({ value, source: 'made up' });
const law = {
  source: 'square law with an exponential below the threshold',
  let: { u: '(vg - vs - vth) / (2 * phi)', w: '(vg - vd - vth) / (2 * phi)' },
  drainAmperes:
    '2 * kp * phi^2 * (W / L) * (ln(1 + exp(u))^2 - ln(1 + exp(w))^2) * (1 + lambda * sqrt((vd - vs)^2 + 1e-6))',
};
const kind = (polarity: 'n' | 'p', kp: number, vth: number) => ({
  polarity,
  description: `A ${polarity}-type transistor.`,
  law,
  parameters: {
    kp: number('amperes/volts^2', kp),
    vth: number('volts', vth),
    phi: number('volts', 0.2),
    lambda: number('1/volts', 0.05),
  },
});
const size = (name: string, min: number, max: number) => ({ name, unit: 'metres', min, max, scale: 'log' });
const transistor = (name: string, model: string, drain: string, gate: string, source: string, place: string) => ({
  ...{ kind: 'transistor', name, model, drain, gate, source, width: `W${place}`, length: `L${place}` },
});

/** Complementary inverters at 10 V: n-type transistors to ground, p-type ones to the supply, no resistor at all. */
function complementary() {
  const folder = join(root, 'both');
  mkdirSync(folder, { recursive: true });
  cpSync(join(TEMPLATES, 'common'), folder, { recursive: true });
  const parameters = (count: number) =>
    Array.from({ length: count }, (_, i) => [size(`W${i + 1}`, 1e-4, 4e-4), size(`L${i + 1}`, 1e-5, 4e-5)]).flat();
  const typical = (count: number) =>
    Object.fromEntries(parameters(count).map(({ name, min, max }) => [name, Math.sqrt(min * max)]));
  const file = {
    name: 'both',
    description: 'Transistors of both polarities.',
    supplies: { vdd: ohms(10) },
    bias: 'vdd',
    sweepVolts: { minimum: -5, maximum: 15 },
    transistors: { down: kind('n', 2e-7, 2), up: kind('p', 1e-7, 2.5) },
    crossbar: { minOhms: ohms(1e7), maxOhms: ohms(1e9) },
    printing: {
      resistanceStep: ohms(0.01),
      gridMetres: ohms(1e-6),
      minimumWidthMetres: ohms(1e-5),
      minimumGapMetres: ohms(1e-5),
      resistorInks: [{ name: 'ink', sheetOhms: ohms(1e7) }],
    },
    cells: {
      negweight: {
        ...{ description: 'Complementary inverter.', curve: 'falling', parameters: parameters(2), constraints: [] },
        typical: typical(2),
        elements: [transistor('n1', 'down', 'out', 'in', '0', '1'), transistor('p1', 'up', 'out', 'in', 'vdd', '2')],
      },
      ptanh: {
        ...{ description: 'Two of them.', curve: 'rising', parameters: parameters(4), constraints: [] },
        typical: typical(4),
        elements: [
          transistor('n1', 'down', 'mid', 'in', '0', '1'),
          transistor('p1', 'up', 'mid', 'in', 'vdd', '2'),
          transistor('n2', 'down', 'out', 'mid', '0', '3'),
          transistor('p2', 'up', 'out', 'mid', 'vdd', '4'),
        ],
      },
    },
  };
  writeFileSync(join(folder, 'technology.json'), JSON.stringify(file));
  const sizes = (count: number) => Array.from({ length: count }, (_, i) => ` w${i + 1}=1 l${i + 1}=1`).join('');
  const inverter = (output: string, input: string, n: number) =>
    `xn${(n + 1) / 2} ${output} ${input} 0 down wl={w${n}/l${n}}\nxp${(n + 1) / 2} ${output} ${input} vdd up wl={w${n + 1}/l${n + 1}}`;
  writeFileSync(
    join(folder, 'negweight.cir.hbs'),
    `.subckt negweight in out vdd${sizes(2)}\n${inverter('out', 'in', 1)}\n.ends negweight\n`,
  );
  writeFileSync(
    join(folder, 'ptanh.cir.hbs'),
    `.subckt ptanh in out vdd${sizes(4)}\n${inverter('mid', 'in', 1)}\n${inverter('out', 'mid', 3)}\n.ends ptanh\n`,
  );
  return loadTechnology(root, 'both');
}

describe('cells of p-type transistors, and of both polarities', () => {
  it('of otft have, at all corners, the curves of the exact solver, which can be fitted', async () => {
    const findings = await checkTechnology(loadTechnology(TEMPLATES, 'otft'), engine);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('of both polarities do too, and are sampled: they switch between the thresholds, from rail to rail', async () => {
    const technology = complementary();
    const findings = await checkTechnology(technology, engine);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    for (const cell of Object.values(technology.cells)) {
      const out = join(root, `${cell.name}-samples`);
      const { failed } = await sample({ technology, cell, count: 40, seed: 2, out, engine });
      expect([...readSamples(out).rows()].flatMap(({ reason }) => reason ?? [])).toEqual([]);
      expect(failed).toBe(0);
      for (const { eta } of readSamples(out).rows()) {
        const [middle, swing, centre] = eta!;
        expect(Math.abs(middle)).toBeCloseTo(5, 0);
        expect(2 * swing).toBeGreaterThan(9.5);
        // n conducts above 2 V, p below 7.5 V
        expect(centre).toBeGreaterThan(2);
        expect(centre).toBeLessThan(7.5);
      }
    }
  });

  it('of p-type transistors are those of n-type ones upside down', async () => {
    const technology = loadTechnology(TEMPLATES, 'otft');
    const { otft } = technology.transistors;
    // supply and ground change places, and so do high and low
    const n = { ...technology, transistors: { otft: { ...otft!, polarity: 'n' as const } } };
    const turned = Object.fromEntries(
      Object.entries(technology.cells).map(([name, cell]) => [
        name,
        {
          ...cell,
          elements: cell.elements.map((element) =>
            element.kind === 'resistor'
              ? { ...element, nodes: ['vdd', element.nodes[0]] as [string, string] }
              : element.kind === 'transistor'
                ? { ...element, source: '0' }
                : element,
          ),
        },
      ]),
    );
    const { StageSolver } = await import('../src/rows/stage-solver.ts');
    for (const name of ['negweight', 'ptanh']) {
      const cell = technology.cells[name]!;
      const values = Float64Array.from(cell.parameters, (p) => cell.typical[p.name]!);
      const [p, other] = [new StageSolver(technology, cell), new StageSolver({ ...n, cells: turned }, turned[name]!)];
      p.setValues(values);
      other.setValues(values);
      for (const volts of [0, 5, 13, 21, 25, 33, 40]) expect(p.at(volts)).toBeCloseTo(40 - other.at(40 - volts), 7);
    }
  });
});
