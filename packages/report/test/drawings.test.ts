import { loadTechnology } from '@neuroprint/circuit';
import type { CaseTable } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { benchSheet, chooseBenchRows } from '../src/drawings/bench-sheet.ts';
import { schematicSvg } from '../src/drawings/schematic.ts';
import { judged, leastData, TEMPLATES } from './fixture.ts';

const technology = loadTechnology(TEMPLATES, 'egt');
const { circuit, network } = leastData();
const NODES = ['z0', 'out0', 'out1'];
const table = (rows: readonly (readonly [number, number, number])[], labels?: readonly number[]): CaseTable => ({
  rows: rows.length,
  inputVolts: Float64Array.from({ length: 2 * rows.length }, (_, i) => i / 100),
  nodes: NODES,
  volts: Float64Array.from(rows.flatMap(([a, b]) => [0.5, a, b])),
  labels: labels === undefined ? undefined : Int32Array.from(labels),
  sourceRows: Int32Array.from(rows, (_, i) => i + 1),
});
const expected = table(
  [
    [0.9, 0.1, 0],
    [0.6, 0.5, 0],
    [0.2, 0.21, 1],
    [0.1, 0.6, 1],
    [0.1, 0.95, 1],
    [0.7, 0.4, 0],
  ],
  [0, 0, 1, 1, 1, 0],
);

describe('the schematic', () => {
  const svg = schematicSvg({ circuit, network, technology }).replaceAll('\u00a0', ' ');

  test('has every resistor with its value and every stage with its own', () => {
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*role="img" aria-label="Schematic of small/,
    );
    for (const device of circuit.devices) expect(svg, device.name).toContain(`<title>${device.name}`);
    const drawn = [...svg.matchAll(/ data-device="([^"]+)"/g)].map(([, device]) => device);
    expect(drawn.sort()).toEqual(circuit.devices.map(({ name }) => name).sort());
    expect(svg.match(/>500 kΩ</g)).toHaveLength(2);
    expect(svg).toContain('>W 30 µm<');
    expect(svg).toContain('† Values rest on assumed numbers');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('shades what is to blame, and says how much', () => {
    const components = judged.blame!.components.map((one, k) => ({ ...one, name: ['neg1.R', 'r00'][k]! }));
    const shaded = schematicSvg({ circuit, network, technology, blame: { ...judged.blame!, components } });
    expect(shaded).toContain('Shaded by the share of the decisions that variation flips');
    expect(svg).not.toContain('of the flips');
    expect(shaded.replaceAll('\u00a0', ' ')).toContain('<title>neg1, 70.0 % of the flips</title>');
  });

  test('shows names from users as text', () => {
    const evil = '<script>alert("x")</script>';
    const data = leastData([evil, 'no'], [evil, 'height']);
    expect(schematicSvg({ ...data, technology })).not.toContain('<script');
  });
});

describe('the bench test sheet', () => {
  test('chooses a typical row of every class, the narrowest and the widest margin, each row once', () => {
    expect(chooseBenchRows({ circuit, expected }).map(({ row, reason }) => [row, reason])).toEqual([
      [5, 'typical for yes'],
      [3, 'typical for no'],
      [2, 'narrowest margin'],
      [4, 'widest margin'],
    ]);
  });

  test('says what to apply, what to expect and by what margin', () => {
    const sheet = benchSheet({ circuit, network, technology, expected });
    const page = sheet['bench-test-sheet.html'].replaceAll('\u00a0', ' ');
    expect(page).toContain('Case 2: narrowest margin');
    expect(page).toContain('sensing margin <strong>10.0 mV</strong>');
    expect(page).toContain('<strong>0.2100</strong>');
    expect(page).not.toMatch(/undefined|NaN/);
    const [header, ...lines] = sheet['bench-test-sheet.csv'].trimEnd().split('\n');
    expect(header).toBe('case,reason,in0,in1,z0,out0,out1,decision,margin_volts');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(/^2,narrowest margin,0\.04,0\.05,0\.5,0\.2,0\.21,no,0\.00999/);
  });

  test('gives the value of a sensor with its unit beside the volts', () => {
    const [first, ...others] = network.inputs;
    const warm = { ...network, inputs: [{ ...first!, name: 'air (°C)', minimum: -10, maximum: 40 }, ...others] };
    const sheet = benchSheet({ circuit, network: warm, technology, expected });
    expect(sheet['bench-test-sheet.csv']).toMatch(/^case,reason,in0,in1,in0: air \(°C\),z0/);
    expect(sheet['bench-test-sheet.csv']).toMatch(/^2,narrowest margin,0\.04,0\.05,-8,0\.5/m);
    expect(sheet['bench-test-sheet.html']).toMatch(/−8 °C/);
  });

  test('does without labels', () => {
    expect(chooseBenchRows({ circuit, expected: { ...expected, labels: undefined } })).toHaveLength(4);
  });
});
