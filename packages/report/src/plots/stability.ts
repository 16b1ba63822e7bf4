import type { StabilityReport } from '@neuroprint/core';
import { formatEngineering } from '../format.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';

const SCALE = 1e-6;

/** The eigenvalues in the complex plane; those that run away are right of the line. */
export function eigenvaluePlot({ eigenvalues, largestRealPart }: StabilityReport): Promise<Plot> {
  const values = eigenvalues.map(([re, im]) => ({
    re: SCALE * re,
    im: SCALE * im,
    kind: re < 0 ? 'decays' : 'grows',
  }));
  const smallest = Math.min(...values.map(({ re }) => Math.abs(re)).filter((re) => re > 0));
  const axis = (field: string, title: string) => ({
    field,
    type: 'quantitative',
    title: axisTitle(title, '10⁶/s'),
    scale: { type: 'symlog', constant: smallest },
    axis: { tickCount: 5, labelOverlap: true },
  });
  const grows = values.some(({ kind }) => kind === 'grows');
  return renderPlot({
    name: 'eigenvalues',
    description: `${eigenvalues.length} eigenvalues of the linearised circuit; the largest real part is ${formatEngineering(largestRealPart ?? 0, '/s')}.`,
    spec: {
      title: 'Eigenvalues',
      width: 290,
      height: 200,
      layer: [
        {
          data: { values: [{ re: 0 }] },
          mark: { type: 'rule', color: COLOURS.ink, strokeWidth: 1 },
          encoding: { x: { field: 're', type: 'quantitative' } },
        },
        {
          data: { values },
          mark: { type: 'point', filled: true, size: 40, opacity: 0.8 },
          encoding: {
            x: axis('re', 'real part'),
            y: axis('im', 'imaginary part'),
            color: {
              field: 'kind',
              type: 'nominal',
              scale: { domain: ['decays', 'grows'], range: [COLOURS.blue, COLOURS.vermillion] },
              ...(grows ? {} : { legend: null }),
            },
          },
        },
      ],
    },
  });
}

/** The outputs from rest in ngspice; dashed, where they should end. */
export function transientPlot({ nodes, seconds, volts, operatingVolts }: Waveform): Promise<Plot> {
  const values = nodes.flatMap((node, k) =>
    seconds
      .map((time, point) => ({ node, time: time / SCALE, volts: volts[point * nodes.length + k]! }))
      .filter(({ time }) => time > 0),
  );
  const ends = nodes.map((node, k) => ({ node, volts: operatingVolts[k]! }));
  const y = { field: 'volts', type: 'quantitative', title: axisTitle('voltage', 'V'), axis: { tickCount: 5 } };
  const color = { field: 'node', type: 'nominal', scale: { domain: [...nodes] } };
  return renderPlot({
    name: 'transient',
    description: `Voltages of the outputs ${nodes.join(', ')} over ${formatEngineering(seconds.at(-1)!, 's')} from rest, and their operating points.`,
    spec: {
      title: 'Outputs from rest',
      width: 290,
      height: 200,
      layer: [
        {
          data: { values: ends },
          mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1 },
          encoding: { y, color },
        },
        {
          data: { values },
          mark: { type: 'line', strokeWidth: 1.8 },
          encoding: {
            x: {
              field: 'time',
              type: 'quantitative',
              title: axisTitle('time', 'µs'),
              // what happens first happens fast
              scale: { type: 'log', nice: false },
              axis: { tickCount: 5, grid: false, labelOverlap: true },
            },
            y,
            color,
          },
        },
      ],
    },
  });
}

type Waveform = NonNullable<StabilityReport['transients']>['waveform'];
