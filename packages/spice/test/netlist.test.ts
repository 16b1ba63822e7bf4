import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import {
  type CircuitLike,
  findSubckt,
  NetlistError,
  parseNetlist,
  parseRaw,
  renderNetlist,
  renderTestbench,
  TemplateError,
} from '@neuroprint/spice';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNumber, plainWords } from '../dist/render/templates.js';
import { randomCircuit, TECHNOLOGIES, technologyOf } from './circuits.ts';

const egt = technologyOf('egt');
const small = randomCircuit(egt, [2, 1], 1);
const changed = (change: (device: CircuitLike['devices'][number]) => object): CircuitLike => ({
  ...small,
  devices: small.devices.map((device) => ({ ...device, ...change(device) })) as CircuitLike['devices'],
});

describe('a rendered netlist', () => {
  it('parses back to the same devices, values and connections', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TECHNOLOGIES),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }),
        fc.nat(1000),
        (name, sizes, seed) => {
          const technology = technologyOf(name);
          const circuit = randomCircuit(technology, sizes, seed);
          const network = findSubckt(parseNetlist(renderNetlist(circuit, technology)), 'network');
          expect(network.ports).toEqual([...circuit.inputs, ...circuit.outputs, ...Object.keys(technology.supplies)]);
          const resistors = circuit.devices.filter((device) => device.kind === 'resistor');
          const stages = circuit.devices.filter((device) => device.kind === 'stage');
          expect(network.resistors.map(({ line: _, ...rest }) => rest)).toEqual(
            resistors.map((device) => ({ name: device.name, nodes: device.nodes, ohms: device.ohms })),
          );
          expect(network.instances.map((x) => [x.name, x.subckt, x.nodes.slice(0, 2), x.params])).toEqual(
            stages.map((device) => [
              `x${device.name}`,
              device.cell,
              [device.input, device.output],
              Object.fromEntries(Object.entries(device.values).map(([key, value]) => [key.toLowerCase(), value])),
            ]),
          );
          expect(network.sources).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('says of every device where it comes from', () => {
    const lines = renderNetlist(small, egt).split('\n');
    const network = lines.slice(lines.findIndex((line) => line.startsWith('.subckt network')));
    network.forEach((line, i) => {
      if (/^[rx]/.test(line)) expect(network[i - 1]).toMatch(/^\* layer \d+(, row \d+)?(, column \d+)?: \w/);
    });
  });

  it.each([
    ['.control', /no name/],
    ['r1\n.control', /no name/],
    ['R1', /no name/],
    ['x 1', /no name/],
    ['act', /must start with r/],
  ])('refuses a resistor called %j', (name, message) => {
    const circuit = changed((device) => (device.kind === 'resistor' ? { name } : {}));
    expect(() => renderNetlist(circuit, egt)).toThrow(TemplateError);
    expect(() => renderNetlist(circuit, egt)).toThrow(message);
  });

  it.each(['gnd', 'a b', 'a\n.control', '.end'])('refuses a node called %j', (node) => {
    const circuit = changed((device) => (device.kind === 'resistor' ? { nodes: [node, '0'] } : {}));
    expect(() => renderNetlist(circuit, egt)).toThrow(TemplateError);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d ohms', (ohms) => {
    const circuit = changed((device) => (device.kind === 'resistor' ? { ohms } : {}));
    expect(() => renderNetlist(circuit, egt)).toThrow(/not a finite number/);
  });

  it('says what its inputs mean, in letters that ngspice reads', () => {
    const sensors = [{ name: 'Température [°C]', minimum: -10, maximum: 40 }];
    const line = '* in0 = Temperature (deg C), -10 deg C at 0 V and 40 deg C at 1 V';
    const lines = renderNetlist({ ...small, inputs: ['in0'] }, egt, sensors).split('\n');
    expect(lines).toContain(line);
    const bench = renderTestbench({ ...small, inputs: ['in0'] }, egt, Float64Array.of(0.5), sensors).split('\n');
    expect(bench[bench.indexOf('* Temperature (deg C), -10 deg C at 0 V and 40 deg C at 1 V') + 1]).toMatch(
      /^b_in0 in0 0/,
    );
    const hostile = [{ ...sensors[0]!, name: 'a\n.control\nshell rm' }];
    expect(renderNetlist({ ...small, inputs: ['in0'] }, egt, hostile)).not.toMatch(/^\.control/m);
  });

  it('keeps a title with commands in it harmless', () => {
    const text = renderNetlist({ ...small, name: 'a\n.control\nshell rm\n*# quit' }, egt);
    expect(text.split('\n').filter((line) => /^(\.control|shell|\*#)/.test(line))).toEqual([]);
    parseNetlist(text);
  });
});

describe('numbers and words in a netlist', () => {
  it('come back as the same float64, without suffixes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(formatNumber(value)).toMatch(/^-?\d(\.\d+)?e[+-]\d{2,3}$/);
        expect(Number(formatNumber(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('are one line of plain characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => /^[A-Za-z0-9 _.,:()/+=<>|'-]*$/.test(plainWords(text))),
    );
  });
});

describe('a technology folder', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'technology-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('whose template draws something else than technology.json is refused', () => {
    cpSync(egt.folder, join(folder, 'egt'), { recursive: true });
    const common = readFileSync(join(egt.folder, '../common/ptanh.cir.hbs'), 'utf8');
    writeFileSync(join(folder, 'egt', 'ptanh.cir.hbs'), common.replace('xdrive2 out mid 0', 'xdrive2 out in 0'));
    const wrong = loadTechnology(folder, 'egt');
    expect(() => renderNetlist(small, wrong)).toThrow(
      /ptanh\.cir\.hbs: lacks the element "xdrive2 out mid 0 egt wl=\{w2\/l2\}"/,
    );
  });

  it('with an unknown field in a template is refused by name', () => {
    cpSync(egt.folder, join(folder, 'egt'), { recursive: true });
    writeFileSync(join(folder, 'egt', 'models.lib.hbs'), '{{num transistors.nothing}}');
    expect(() => renderNetlist(small, loadTechnology(folder, 'egt'))).toThrow(/models\.lib\.hbs/);
  });
});

describe('the parser', () => {
  const line = (text: string): number => {
    try {
      parseNetlist(text, 'foreign.cir');
    } catch (error) {
      expect(error).toBeInstanceOf(NetlistError);
      expect((error as NetlistError).exitCode).toBe(2);
      return (error as NetlistError).line;
    }
    throw new Error('was accepted');
  };
  const inside = (text: string): string => `.subckt network a b vdd\n${text}\n.ends network\n`;

  it.each([
    '.control\nshell date\n.endc',
    '.include other.cir',
    '.lib other.cir tt',
    '*# shell date',
    '* #shell date',
    '*ng_script',
    'v1 a 0 1',
    'r1 a b 1M',
    'r1 a b 1meg',
    'r1 a b',
    'r1 a b -5',
    'r1 a b {w}',
    'r1 a gnd 1',
    'r1 a b 1 ; shell date',
    'r1 a b 1 $ note',
    'r1 a b 1\\\\',
    'r1 a b 1\u0007',
    'r1 a b 1\rshell date',
    'b1 a 0 i=system(v(a))',
    'b1 a 0 v=1',
    'xa a b nothing',
    '.param w=1',
    '.subckt other a',
    'm1 a b 0 0 nmos',
  ])('refuses %j and names the line', (text) => {
    expect(line(inside(text))).toBe(2);
  });

  it('refuses devices that are there twice, missing ends and wrong port counts', () => {
    expect(line(inside('r1 a b 1\nr1 a b 1'))).toBe(3);
    expect(line('.subckt network a\nr1 a 0 1\n')).toBe(1);
    expect(line(`.subckt one a b\nr1 a b 1\n.ends\n${inside('xa a one')}`)).toBe(5);
    expect(line('+ 1e3')).toBe(1);
  });

  it('joins continued lines, folds case and skips comments', () => {
    const { subckts } = parseNetlist('* title\n.SUBCKT Network A B\n* note\nR1 a\n+ b 1E3\n.ENDS network\n');
    expect(subckts[0]).toMatchObject({ name: 'network', ports: ['a', 'b'] });
    expect(subckts[0]!.resistors).toEqual([{ name: 'r1', nodes: ['a', 'b'], ohms: 1000, line: 4 }]);
  });
});

describe('a raw file', () => {
  const header = (points: number): string =>
    `Title: t\nDate: d\nPlotname: op\nFlags: real\nNo. Variables: 2\nNo. Points: ${points}\nVariables:\n\t0\tv(A)\tvoltage\n\t1\tv(b)\tvoltage\nBinary:\n`;
  const bytes = (points: number, values: number[]): Uint8Array =>
    Buffer.concat([Buffer.from(header(points)), Buffer.from(Float64Array.from(values).buffer)]);

  it('gives back every plot with all bits', () => {
    const plots = parseRaw(Buffer.concat([bytes(1, [0.1, 0.2]), bytes(2, [1, 2, 3, 4])]));
    expect(plots.map((plot) => plot.points)).toEqual([1, 2]);
    expect([...plots[1]!.column('v(b)')]).toEqual([2, 4]);
    expect(plots[0]!.variables).toEqual(['v(a)', 'v(b)']);
  });

  it('of a full disk, whose header claims more than there is, is refused', () => {
    expect(() => parseRaw(bytes(3, [1, 2]))).toThrow(/claims 3 points/);
    expect(() => parseRaw(Buffer.from('Title: t\nDate: d\n'))).toThrow(/no data/);
  });

  it('may hold a plot without points, which callers see', () => {
    expect(parseRaw(bytes(0, []))[0]!.points).toBe(0);
  });
});
