import { describe, expect, it } from 'vitest';
import { type DiagnosisPage, probability, renderDiagnosis } from '../src/index.ts';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>drawn</title></svg>';
const broken: DiagnosisPage = {
  name: 'iris',
  verdict: 'fault found',
  headline: 'Likely broken: r_l0_i1_c2 open (97.0 %).',
  law: 'uniform 10 %',
  meterVolts: 1e-3,
  readings: 24,
  patterns: 8,
  measuredNodes: ['y_l1_c0', 'y_l1_c1', 'y_l1_c2'],
  probabilityGood: 1e-12,
  goodChiSquare: 123_456,
  explainedBelow: 51.2,
  candidates: [
    { alike: [['neg_l0_i0.drive gate open'], ['neg_l0_i0.drive no channel']], probability: 0.97, chiSquare: 20.4 },
    { alike: [['r_l0_i1_c2 open', 'vdd contact']], probability: 0.03, chiSquare: 28 },
  ],
  next: {
    words: 'Measure inv_l0_i0 at inputs of this sheet.',
    expected: [{ faults: ['r_l0_i1_c2 open'], probability: 0.03, volts: -0.25, stdVolts: 0.01 }],
  },
  resolution: { faults: 286, groups: 208, alone: 150, noTrace: ['in0, vdd lines shorted'] },
  notes: ['y_l1_c0 is read as <millivolts>'],
};
const textOf = (html: string): string => html.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, '').replaceAll('\u00a0', ' ');

describe('the page of a diagnosis', () => {
  it('says in its headline what is broken, names what is alike in one line, and shows where', () => {
    const html = renderDiagnosis(broken, { schematic: SVG, layout: SVG });
    const text = textOf(html);
    expect(html).toContain('class="verdict alarm"');
    expect(text).toContain('Likely broken: r_l0_i1_c2 open (97.0 %).');
    expect(text).toMatch(/neg_l0_i0.drive gate open\s*or neg_l0_i0.drive no channel/);
    expect(text).toContain('r_l0_i1_c2 open and vdd contact');
    expect(text).toContain('−0.2500');
    expect(html.match(/<title>drawn<\/title>/g)).toHaveLength(2);
    expect(html).toContain('&lt;millivolts&gt;');
  });

  it('shows no candidates and no drawing of a sheet that is within tolerance', () => {
    const { next: _, ...rest } = broken;
    const good: DiagnosisPage = { ...rest, verdict: 'within tolerance', headline: 'Nothing found.', candidates: [] };
    const html = renderDiagnosis(good, { schematic: SVG });
    expect(html).not.toContain('verdict alarm');
    expect(html).not.toContain('drawn');
    expect(textOf(html)).toContain('286 single faults of the list apart as 208 groups');
  });

  it('claims no certainty', () => {
    expect([0, 1e-5, 0.5, 0.9999, 1].map((p) => probability(p).replace('\u00a0', ' '))).toEqual([
      'below 0.1 %',
      'below 0.1 %',
      '50.0 %',
      'above 99.9 %',
      'above 99.9 %',
    ]);
  });
});
