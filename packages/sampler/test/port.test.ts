import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deviceLaw, loadTechnology } from '@neuroprint/circuit';
import { sha256 } from '@neuroprint/core';
import { afterAll, expect, test } from 'vitest';
import { fineEta } from '../src/rows/fine-eta.ts';
import { sample } from '../src/sample.ts';
import { readPortSamples, readSamples } from '../src/shards/read-samples.ts';

const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
const technology = loadTechnology(TEMPLATES, 'egt');
const folder = mkdtempSync(join(tmpdir(), 'neuroprint-ports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [ports, again, curves] = ['ports', 'again', 'curves'].map((name) => join(folder, name));
const take = (out: string, cell: string, port: boolean) =>
  sample({ technology, cell: technology.cells[cell]!, count: 4, out, workers: 1, port });
await take(ports!, 'ptanh', true);
await take(again!, 'ptanh', true);
await take(curves!, 'negweight', false);

test('currents of two-dimensional sweeps are those of the device equation, at the volts of the inner drain', () => {
  const { table } = readPortSamples(ports!);
  const { points, inputPoints } = table;
  expect(table.values).toHaveLength(4 * 6);
  expect(points % inputPoints).toBe(0);
  const device = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  table.outputAmperes.forEach((amperes, i) => {
    const [, , , ohms, width, length] = table.values.subarray(6 * Math.floor(i / points)) as unknown as number[];
    const volts = table.outputVolts[i]!;
    deviceLaw(technology.transistors.egt!).evaluate(table.drainVolts.mid![i]!, volts, 0, width!, length!, 27, device);
    const expected = (volts - 1) / ohms! + device.amperes;
    expect(Math.abs(amperes - expected)).toBeLessThan(1e-6 * Math.abs(expected) + 1e-12);
  });
});

test('the output is held at ascending volts, and the input ascends at each of them', () => {
  const { points, inputPoints, inputVolts, outputVolts } = readPortSamples(ports!).table;
  for (let i = 1; i < points; i += 1) {
    if (i % inputPoints === 0) expect(outputVolts[i]!).toBeGreaterThan(outputVolts[i - 1]!);
    else expect(inputVolts[i]!).toBeGreaterThan(inputVolts[i - 1]!);
  }
});

test('designs are swept at voltages of their own, less than a step apart', () => {
  const { points, inputVolts, outputVolts } = readPortSamples(ports!).table;
  const first = (data: Float64Array) => [0, 1, 2, 3].map((design) => data[design * points]!);
  for (const volts of [first(inputVolts), first(outputVolts)]) expect(new Set(volts).size).toBe(4);
  const step = outputVolts[points - 1]! - outputVolts[0]!;
  for (const volts of first(outputVolts)) expect(Math.abs(volts - first(outputVolts)[0]!)).toBeLessThan(step / 12);
});

test('the η of the default sweep are those of 4,001 points, as far as its grid allows', async () => {
  const { table } = readSamples(curves!);
  const fine = await fineEta(technology, technology.cells.negweight!, table.values, 'auto');
  table.eta.forEach((eta, i) => {
    expect(Math.abs(eta - fine[i]!)).toBeLessThan(1e-3 * Math.abs(eta));
  });
});

test('the same recipe gives the same bits', () => {
  expect(readPortSamples(again!).table).toEqual(readPortSamples(ports!).table);
});

test('curves carry the power of all supplies', () => {
  for (const { values, outputVolts, watts } of readSamples(curves!).rows())
    watts!.forEach((power, i) => {
      expect(Math.abs(power - (1 - outputVolts[i]!) / values[0]!)).toBeLessThan(1e-12);
    });
});

test('folders of versions that kept no power are read', () => {
  const old = join(folder, 'old');
  cpSync(curves!, old, { recursive: true });
  const edit = (file: string, change: (content: Record<string, unknown>) => void) => {
    const path = join(old, file);
    const content = JSON.parse(readFileSync(path, 'utf8'));
    delete content.checksum;
    change(content);
    writeFileSync(path, JSON.stringify(content));
  };
  const data = join(old, 'shard-0000000000.curves.f64');
  const whole = new Float64Array(readFileSync(data).buffer.slice(0));
  const points = readSamples(curves!).samples.sweep.points;
  const kept = Buffer.from(whole.filter((_, i) => i % (3 * points) < 2 * points).buffer);
  writeFileSync(data, kept);
  edit('samples.json', (content) => delete content.quantities);
  edit('shard-0000000000.json', (content) => {
    (content.curves as { sha256: string }).sha256 = sha256(kept);
  });
  const rows = [...readSamples(old).rows()];
  expect(rows.map(({ watts }) => watts)).toEqual([undefined, undefined, undefined, undefined]);
  expect(rows.map(({ outputVolts }) => outputVolts)).toEqual(
    [...readSamples(curves!).rows()].map((row) => row.outputVolts),
  );
});

test('curves and two-dimensional sweeps are not taken for each other', () => {
  expect(() => readSamples(ports!)).toThrow(/two-dimensional sweeps, which have no η/);
  expect(() => readPortSamples(curves!)).toThrow(/of curves, not of two-dimensional sweeps/);
});
