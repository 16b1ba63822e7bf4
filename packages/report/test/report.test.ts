import { describe, expect, test } from 'vitest';
import type { CompileReportData } from '../src/pages/compile-data.ts';
import { renderCompileReport } from '../src/pages/compile-report.ts';
import type { Report } from '../src/pages/page.ts';
import { renderSurrogateReport } from '../src/pages/surrogate-report.ts';
import { roomOf } from '../src/pages/training-bounds.ts';
import { renderTrainingReport } from '../src/pages/training-report.ts';
import { fullData, judged, leastData, networkOf, surrogateData, technology, verification } from './fixture.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const sectionsOf = (html: string) => [...html.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);

/** Every tag closed in the order it was opened; void elements of HTML need none. */
function expectBalanced(markup: string): void {
  const open: string[] = [];
  const body = markup.replace(/<style>[\s\S]*?<\/style>/, '');
  for (const [tag, slash, name] of body.matchAll(/<(\/?)([a-zA-Z][\w-]*)(?:[^>"]|"[^"]*")*>/g)) {
    if (tag.endsWith('/>') || ['meta', 'br', 'link'].includes(name!)) continue;
    if (slash === '') open.push(name!);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
}

function expectSound({ html, images }: Report): void {
  expectBalanced(html);
  expect(html).not.toMatch(/undefined|\[object|NaN/);
  expect(html).not.toMatch(/<script|<link|<img|@import|src="(?!data:)/i);
  expect(html.match(/https?:\/\/(?!www\.w3\.org)/g)).toBeNull();
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of html.matchAll(/(?:href="|url\()#([^")]+)/g)) expect(ids).toContain(target);
  expect(new Set(images.map(({ name }) => name)).size).toBe(images.length);
  for (const { svg } of images) {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*role="img" aria-label="[^"]+"/);
    expectBalanced(svg);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const titles = [...svg.matchAll(/role-axis-title"[^>]*>\s*<text[^>]*>([^<]+)</g)].map(([, title]) => title);
    expect(titles.length).toBeGreaterThanOrEqual(2);
    expect(html).toContain(svg);
  }
}

describe('the compile report', () => {
  test('has every part when everything is given', async () => {
    const report = await renderCompileReport(fullData());
    expectSound(report);
    expect(sectionsOf(report.html)).toEqual([
      'compared',
      'ladder',
      'stages',
      'voltages',
      'decisions',
      'variation',
      'calibration',
      'crossbars',
      'components',
      'reproduce',
      'assumed',
      'words',
    ]);
    expect(report.images.map(({ name }) => name)).toEqual([
      'ladder-accuracy',
      'ladder-distance',
      'stage-0',
      'voltages',
      'voltage-errors',
      'node-errors',
      'confusion-network',
      'confusion-ngspice',
      'margins',
      'calibration-loss',
      'calibration-accuracy',
      'crossbar-0',
    ]);
  });

  test('says first whether ngspice finds the predicted voltages', async () => {
    const html = plain((await renderCompileReport(fullData())).html);
    expect(html).toContain('ngspice finds the predicted voltages: largest difference 420 pV.');
    expect(html).toContain('worst at node <code>out1</code> in row 2');
    expect(html).toContain('3 of 3 decisions are those of the trained network.');
    expect(html).toContain('ngspice 45, the embedded engine');
  });

  test('does not call a difference above the tolerance an agreement', async () => {
    const wrong = { ...fullData(), verification: { ...verification, maxErrorVolts: 2e-5, ties: 1 } };
    const html = plain((await renderCompileReport(wrong)).html);
    expect(html).toContain('ngspice does not find the predicted voltages: largest difference 20.0 µV.');
    expect(html).toContain('class="verdict alarm"');
    expect(html).toContain('1 row is a tie');
  });

  test('lists how the netlist differs from the network', async () => {
    const wrong = { ...fullData(), netlistComparison: { matches: false, differences: ['layer 0, row 1: transposed'] } };
    const { html } = await renderCompileReport(wrong);
    expect(html).toContain('class="verdict alarm"');
    expect(html).toContain('The netlist is not the network: 1 difference.');
    expect(html).toContain('1 difference<ul><li>layer 0, row 1: transposed</li></ul>');
  });

  test('leaves no hole where parts are missing', async () => {
    const report = await renderCompileReport(leastData());
    expectSound(report);
    expect(sectionsOf(report.html)).toEqual(['crossbars', 'components', 'reproduce', 'assumed', 'words']);
    expect(report.html).toContain('Not simulated yet.');
    expect(report.html).not.toMatch(/<(dd|figcaption|p|li|ul|dl)[^>]*><\/\1>/);
  });

  const optional = [
    'dataset',
    'verification',
    'netlistComparison',
    'ladder',
    'stageCurves',
    'rows',
    'calibration',
    'calibrationKept',
  ] as const satisfies readonly (keyof CompileReportData)[];
  test.each(optional)('is sound without %s', async (part) => {
    expectSound(await renderCompileReport({ ...fullData(), [part]: undefined }));
  });

  test('is sound where both solvers agree to the last bit', async () => {
    const { rows, ...data } = fullData();
    const report = await renderCompileReport({
      ...data,
      rows: { ...rows!, simulatedVolts: rows!.expectedVolts },
      verification: {
        ...verification,
        maxErrorVolts: 0,
        p99ErrorVolts: 0,
        nodeErrorVolts: { in0: 0, out0: 0, out1: 0 },
      },
    });
    expectSound(report);
    expect(report.images.map(({ name }) => name)).not.toContain('voltage-errors');
  });

  test('shows names from users as text', async () => {
    const evil = '<script>alert("x")</script>';
    const data = leastData([evil, 'no & "maybe"'], [`${evil}' onload='x`, 'height']);
    const report = await renderCompileReport({
      ...fullData(),
      ...data,
      name: evil,
      files: [{ name: evil, purpose: evil }],
      dataset: { name: evil, rows: { train: 1, valid: 1, test: 1 } },
      netlistComparison: { matches: false, differences: [evil] },
      ladder: [{ step: evil, accuracyTest: 1, rmsVoltsFromNetwork: 0 }],
      stageCurves: [{ ...fullData().stageCurves![0]!, title: evil }],
      seeds: { [evil]: 1 },
    });
    expectSound(report);
    expect(report.html).toContain('<h1>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</h1>');
    for (const { svg } of report.images) expect(svg).not.toMatch(/<script/i);
  });

  test('draws crossbars as compiled, negative where the falling stage feeds them', async () => {
    const { images } = await renderCompileReport(leastData());
    const { svg } = images.find(({ name }) => name === 'crossbar-0')!;
    const cells = [...svg.matchAll(/>(−?\d+\.\d\d|–)<\/text>/g)].map(([, text]) => text);
    expect(cells).toEqual(['1.00', '2.00', '−2.00', '1.00', '1.00', '–', '0.50', '1.00']);
  });

  test('lists every component with its value and its origin in words', async () => {
    const html = plain((await renderCompileReport(leastData())).html);
    expect(html).toContain('layer 0: height → neuron 0 (yes)');
    expect(html).toContain('layer 0: negative weights of height');
    expect(html).toContain('layer 0: pull-down (0 V) → neuron 1 (no)');
    expect(html).toContain('<td data-name="Value">500 kΩ</td>');
    expect(html).toContain('<td data-name="Value">R 100 kΩ, W 30 µm, L 54 µm</td>');
  });

  test('marks what rests on assumed numbers and names them', async () => {
    const { html } = await renderCompileReport(fullData());
    expect(html).toContain('printing.gridMetres');
    expect(html).toMatch(/52\.0\u00a0µW<a class="mark" href="#assumed"/);
    const sourced = { ...fullData(), technology: { ...fullData().technology, assumed: [] } };
    expect((await renderCompileReport(sourced)).html).not.toContain('class="mark"');
    expect(plain(html)).toMatch(/Of the numbers of the technology egt, \d+ are measured, \d+ published and 5 assumed/);
    expect(plain(html)).toContain('inkjet positioning is of this order');
  });

  test('says of a measured number its file and its standard error', async () => {
    const data = fullData();
    const mark = { path: 'transistors.egt.parameters.vth', value: 0.17, unit: 'volts', kind: 'measured' as const };
    const marks = [{ ...mark, text: 'a.csv: ± 0.002' }];
    const { html } = await renderCompileReport({ ...data, technology: { ...data.technology, marks, assumed: [] } });
    expect(plain(html)).toMatch(/1 are measured, 0 published and 0 assumed/);
    expect(plain(html)).toContain('a.csv: ± 0.002');
    expect(plain(html)).toContain('nothing is marked †');
  });

  test('is the same to the byte when it is made again', async () => {
    expect(await renderCompileReport(fullData())).toEqual(await renderCompileReport(fullData()));
  });

  test('stays small when there are very many voltages, and says what is drawn', async () => {
    const count = 200_000;
    const volts = Float64Array.from({ length: count * 3 }, (_, i) => (i % 97) / 97);
    const report = await renderCompileReport({
      ...fullData(),
      rows: {
        split: 'test',
        nodes: ['in0', 'out0', 'out1'],
        expectedVolts: volts,
        simulatedVolts: volts.map((v, i) => v + (i % 7) * 1e-10),
      },
    });
    expectSound(report);
    expect(report.html.length).toBeLessThan(1e6);
    expect(report.html).toContain('1,200 of 600,000 voltages.');
  });
});

describe('a verification that was asked for more', () => {
  test('shows the specification, the corners, and who is to blame', async () => {
    const report = await renderCompileReport({ ...fullData(), verification: judged });
    expectSound(report);
    const html = plain(report.html);
    expect(html).toContain('1 line of spec.yaml does not hold.');
    expect(html).toContain('accuracy: 0.9 &lt;0.95&gt;');
    expect(html).toContain('Below 85.0 % at +8.0 %.');
    expect(html).toContain('0.50 of 3 decisions are expected to flip');
    expect(html).toContain('&lt;no&gt;');
    expect(html).toContain('One simulator against the other');
    expect(report.images.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['corner-supply', 'blame', 'blame-layer-0']),
    );
  });

  test('says first that the circuit is unstable, and shows its eigenvalues and a transient', async () => {
    const report = await renderCompileReport({ ...fullData(), verification: judged });
    const html = plain(report.html);
    expect(html).toContain('The circuit is unstable: at case 1 it leaves its operating point');
    expect(html).toContain('48 of 50');
    expect(html).toContain('2 of 3');
    expect(report.images.map(({ name }) => name)).toEqual(expect.arrayContaining(['eigenvalues', 'transient']));
  });
});

describe('a compile with drawings', () => {
  test('shows the schematic and the print, the power of every block, and a settling time only where one is known', async () => {
    const data = fullData();
    const wattsByLayer = [{ crossbar: 1e-6, falling: 2e-6, activation: 3e-6, opamps: 0 }];
    const svg = (width: number) => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="9"></svg>`;
    const drawn = { ...data, wattsByLayer, drawings: { schematic: svg(2000), layout: svg(900) } };
    const html = plain((await renderCompileReport(drawn)).html);
    expect(sectionsOf(html)).toEqual(expect.arrayContaining(['drawings', 'power']));
    expect(html).toContain(
      '<details><summary>The schematic, 2,000 × 9 pixels</summary><figure class="drawing"><svg xmlns="http://www.w3.org/2000/svg" width="2000"',
    );
    expect(html).toMatch(/<figure class="layout">.*class="zoom-8".*<div><svg xmlns="[^"]+" width="900"/s);
    const huge = `${svg(900).slice(0, -6)}${' '.repeat(4e6)}</svg>`;
    const large = plain((await renderCompileReport({ ...drawn, drawings: { schematic: svg(9), layout: huge } })).html);
    expect(large).toContain('<a href="layout.svg">a file of its own</a>, because it has 4 megabytes');
    const { layout: _, ...without } = drawn.drawings;
    expect(plain((await renderCompileReport({ ...drawn, drawings: without })).html)).toContain('No layout is in this');
    expect(html).toContain('href="bench-test-sheet.html"');
    expect(html).toContain('<td class="number" data-name="Sum">6.00 µW</td>');
    expect(html).not.toContain('Settling time');
    expect(html).not.toContain('Op-amps');
  });
});

describe('the surrogate report', () => {
  test('shows errors, curves and the design space', async () => {
    const report = await renderSurrogateReport(surrogateData);
    expectSound(report);
    expect(sectionsOf(report.html)).toEqual(['errors', 'curves', 'space', 'reproduce', 'words']);
    expect(report.images.map(({ name }) => name)).toEqual([
      'parity-eta1',
      'parity-eta2',
      'parity-eta3',
      'parity-eta4',
      'space-R',
      'space-W',
      'space-L',
      'curve-0',
    ]);
    expect(report.html).toContain('Error of the port model against ngspice');
    expect(report.html).toContain('Worst held-out design');
    expect(report.html).toContain('R*W/L&gt;20000');
  });

  test('says how close the error is to the noise of the fitted η, or why that is not known', async () => {
    const noise = { rows: 60, mseNormalised: 2e-8, surrogateMseNormalised: 5e-8 };
    const measured = await renderSurrogateReport({ ...surrogateData, noise });
    expectSound(measured);
    expect(plain(measured.html)).toMatch(/Those of 60 held-out designs[\s\S]*error is [^<]*, 2\.5 times that/);
    const learnt = { ...noise, surrogateMseNormalised: 1e-8 };
    expect((await renderSurrogateReport({ ...surrogateData, noise: learnt })).html).toContain('less than that');
    const unknown = await renderSurrogateReport({ ...surrogateData, noise: { notMeasured: 'there was no simulator' } });
    expectSound(unknown);
    expect(unknown.html).toContain('was not measured: there was no simulator.');
  });

  test('needs neither curves nor held-out rows', async () => {
    const { surrogate, curve } = surrogateData;
    const report = await renderSurrogateReport({ surrogate, curve, heldOut: { fitted: [], predicted: [] } });
    expectSound(report);
    expect(report.images).toEqual([]);
  });
});

describe('the training report', () => {
  test('draws losses and accuracy against epochs', async () => {
    const report = await renderTrainingReport({
      network: networkOf(['yes', 'no'], ['width', 'height']),
      history: [0, 1, 2, 3].map((epoch) => ({ epoch, trainLoss: 1 / (epoch + 1), validAccuracy: 0.8 })),
    });
    expectSound(report);
    expect(report.images.map(({ name }) => name)).toEqual(['training-loss', 'training-accuracy']);
  });

  test('shows how close trained components are to the bounds of the trust region, the closest first', async () => {
    const network = networkOf(['yes', 'no'], ['width', 'height']);
    const report = await renderTrainingReport({ network, history: [], technology });
    expectSound(report);
    expect(sectionsOf(report.html)).toContain('bounds');
    const { negweight } = technology.cells;
    const values = { ...negweight!.typical, R: 1.25 * 20e3, W: 8e-4, L: 1e-4 };
    expect(roomOf(negweight!, values, 'W')).toMatchObject({ bound: 'max', room: 0 });
    expect(roomOf(negweight!, values, 'R')).toMatchObject({ bound: 'min' });
    expect(roomOf(negweight!, values, 'R').room).toBeCloseTo(0.25, 9);
    expect(roomOf(negweight!, { R: 2e5, W: 1e-4, L: 4.2e-5 }, 'R').bound).toBe('500000>R*W/L');
  });

  test('does without a history', async () => {
    expectSound(await renderTrainingReport({ network: networkOf(['a', 'b'], ['x', 'y']), history: [] }));
  });
});
