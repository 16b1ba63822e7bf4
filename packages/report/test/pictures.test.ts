import type { AgeingReport, Circuit, Corner, Device } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { formatPercent } from '../src/format.ts';
import { crossbarsOf, stageTitle } from '../src/pages/crossbars.ts';
import { ageingCaption, ageingPlot } from '../src/plots/ageing.ts';
import { blameMaps } from '../src/plots/blame.ts';
import { copiesPlot } from '../src/plots/copies.ts';
import { cornerPlot } from '../src/plots/corners.ts';
import { historyPlot } from '../src/plots/history.ts';
import { fullData, judged, networkOf } from './fixture.ts';

const texts = (svg: string): string[] => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
const network = networkOf(['yes', 'no'], ['width', 'height']);

describe('the crossbar of a network with op-amps', () => {
  const resistor = (
    name: string,
    role: Device['origin']['role'],
    nodes: [string, string],
    ohms: number,
    place: { row?: number; column: number },
  ): Device => ({ kind: 'resistor', name, nodes, ohms, origin: { role, layer: 0, ...place } });
  const circuit: Circuit = {
    ...fullData().circuit,
    devices: [
      resistor('r00', 'crossbar', ['in0', 'z0'], 1e6, { row: 0, column: 0 }),
      // rows 1, bias (2) and pull-down (3) of column 0 are negative: by one op-amp, R_f/R a half
      resistor('rn10', 'negative', ['in1', 'm0'], 1e6, { row: 1, column: 0 }),
      resistor('rnb0', 'negative', ['vdd', 'm0'], 2e6, { row: 2, column: 0 }),
      resistor('rnd0', 'negative', ['0', 'm0'], 4e6, { row: 3, column: 0 }),
      resistor('rf0', 'feedback', ['x0', 'm0'], 5e5, { column: 0 }),
      resistor('rd0', 'drive', ['x0', 'z0'], 1e6, { column: 0 }),
      {
        kind: 'opamp',
        name: 'o0',
        model: 'rails',
        plus: 'z0',
        minus: 'm0',
        output: 'x0',
        origin: { role: 'opamp', layer: 0, column: 0 },
      },
    ],
  };

  test('has its negative conductances, as the column sees them', () => {
    const [picture] = crossbarsOf(network, circuit);
    const column = picture!.siemens.map((row) => row[0]!);
    [1e-6, -0.5e-6, -0.25e-6, -0.125e-6].forEach((siemens, row) => {
      expect(column[row]).toBeCloseTo(siemens, 15);
    });
    expect(picture!.siemens.map((row) => row[1])).toEqual([0, 0, 0, 0]);
  });
});

describe('a map of blame', () => {
  const names = [{ rows: ['width', 'bias', 'pull-down'], columns: ['0', '1'] }];
  const blame = judged.blame!;

  test('has no column of falling stages where there are none, and adds up what an op-amp is made of', () => {
    const place = { layer: 0, column: 1 };
    const [map] = blameMaps(
      blame,
      [
        { ...place, device: 'r_0', row: undefined, isOpamp: true },
        { ...place, device: 'r_1', row: undefined, isOpamp: true },
        { ...place, device: 'act', row: undefined, isOpamp: false },
      ],
      names,
    );
    expect(map!.columnNames).toEqual(['0', '1']);
    expect(map!.rowNames).toEqual(['width', 'bias', 'pull-down', 'op-amp', 'activation']);
    expect(map!.shares[3]![1]).toBeCloseTo(1, 12);
    expect(map!.shares[4]![1]).toBe(0);
  });

  test('has one where there are', () => {
    const falling = { device: 'neg', layer: 0, row: 0, column: undefined, isOpamp: false };
    expect(blameMaps(blame, [falling], names)[0]!.columnNames).toEqual(['0', '1', 'falling stage']);
  });
});

describe('a picture', () => {
  test('of a corner has its limit on the axis, also where nothing comes near it', async () => {
    const points = [-0.1, 0, 0.1].map((value) => ({ value, accuracy: 0.97, agreement: 1 }));
    const corner: Corner = {
      ...judged.corners![0]!,
      points,
      limitAccuracy: 0.62,
      fails: { below: null, above: null },
    };
    const lowest = Math.min(
      ...texts((await cornerPlot(corner)).svg)
        .filter((text) => text.endsWith('%'))
        .map((text) => Number.parseFloat(text)),
    );
    expect(lowest).toBeLessThanOrEqual(62);
  });

  test('of ageing says from which day copies are not good enough, and greys the days that were not measured', async () => {
    const report: AgeingReport = {
      ...{ law: 'power', measuredDays: [0, 37], limitAccuracy: 0.9, failsAtDay: 112.4, asked: [] },
      points: [0, 30, 365].map((days) => ({ days, meanAccuracy: 0.95 - days / 4000, p5Accuracy: 0.9 - days / 4000 })),
    };
    expect(ageingCaption(report)).toBe(
      `The mean falls below ${formatPercent(0.9)} at day 112. Resistors were measured to day 37; beyond it, in grey, the fitted law is only continued.`,
    );
    expect(ageingCaption({ ...report, failsAtDay: null, points: report.points.slice(0, 2) })).toBe(
      `The mean stays at ${formatPercent(0.9)} or more to day 30.`,
    );
    expect(texts((await ageingPlot(report)).svg).join()).toContain('age');
  });

  test('of a narrow range of accuracies has no label twice', async () => {
    const lines = [{ label: 'validation', steps: [0, 1, 2], values: [0.905, 0.913, 0.921] }];
    const { svg } = await historyPlot({
      name: 'history',
      stepName: 'epochs',
      quantity: 'accuracy',
      unit: '%',
      lines,
      percent: true,
    });
    const labels = texts(svg).filter((text) => text.endsWith('%'));
    expect(labels.length).toBeGreaterThan(2);
    expect(new Set(labels).size).toBe(labels.length);
  });

  test('of printed copies has a bar for every bin that is not empty, and says from where on a copy is good', async () => {
    const histogram = [
      { from: 0.8, to: 0.85, copies: 3 },
      { from: 0.85, to: 0.9, copies: 0 },
      { from: 0.9, to: 0.95, copies: 7 },
    ];
    const { svg } = await copiesPlot({
      histogram,
      quantity: 'accuracy of a copy',
      unit: '%',
      limit: 0.88,
      limitInWords: 'good from 88.0 %',
    });
    expect(svg.match(/<path [^>]*fill="#0072B2"/g)).toHaveLength(2);
    expect(texts(svg)).toContain('good from 88.0 %');
    expect(svg).toContain('Histogram of 10 printed copies');
  });
});

test('stages are named by what feeds them and what they make, layers counted from 0', () => {
  expect(stageTitle({ role: 'falling', layer: 0, row: 1 }, network)).toBe('Layer 0: negative weights of height');
  expect(stageTitle({ role: 'activation', layer: 0, column: 1 }, network)).toBe('Layer 0: activation of neuron 1 (no)');
});
