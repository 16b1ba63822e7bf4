import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';

/** A measured curve and what the law gives at the same volts. */
export interface FittedCurve {
  readonly file: string;
  readonly kind: 'transfer' | 'output';
  /** Volts of the terminal that is held, and of the one that is swept, with the signs of the device. */
  readonly held: number;
  readonly volts: ArrayLike<number>;
  readonly amperes: ArrayLike<number>;
  readonly model: ArrayLike<number>;
}

const SERIES = [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.orange, COLOURS.sky, COLOURS.ink];
const AXES = {
  transfer: { swept: 'gate', held: 'drain' },
  output: { swept: 'drain', held: 'gate' },
} as const;

/** Curves of one kind: measured as points, the law as lines; transfer curves by the logarithm. */
export function fitPlot(name: string, title: string, curves: readonly FittedCurve[]): Promise<Plot> {
  const { kind } = curves[0]!;
  const rows = (of: (curve: FittedCurve) => ArrayLike<number>) =>
    curves.flatMap((curve) =>
      Array.from(curve.volts, (volts, i) => ({ curve: labelOf(curve), volts, amperes: of(curve)[i]! })).filter(
        ({ amperes }) => kind === 'output' || amperes > 0,
      ),
    );
  const y = {
    field: 'amperes',
    type: 'quantitative',
    title: axisTitle('drain current', 'A'),
    scale: kind === 'transfer' ? { type: 'log' } : { zero: true },
    axis: { tickCount: 6, format: kind === 'transfer' ? '.0e' : '.1e' },
  };
  const encoding = { x: sweptAxis(kind), y, color: colourOf(curves) };
  return renderPlot({
    name,
    description: `${title}: drain current against ${AXES[kind].swept} volts, measured and by the law.`,
    spec: {
      title,
      width: 320,
      height: 240,
      layer: [
        { data: { values: rows((curve) => curve.model) }, mark: { type: 'line', strokeWidth: 1.6 }, encoding },
        {
          data: { values: rows((curve) => curve.amperes) },
          mark: { type: 'point', size: 12, strokeWidth: 1, opacity: 0.8 },
          encoding,
        },
      ],
    },
  });
}

/** What is left of each point: decades for transfer curves, per cent of the curve's largest current for output curves. */
export function residualPlot(name: string, title: string, curves: readonly FittedCurve[]): Promise<Plot> {
  const { kind } = curves[0]!;
  const values = curves.flatMap((curve) => {
    const largest = Array.from(curve.amperes).reduce((most, i) => Math.max(most, i), 0);
    return Array.from(curve.volts, (volts, i) => {
      const [measured, model] = [curve.amperes[i]!, curve.model[i]!];
      const left = kind === 'transfer' ? Math.log10(model / measured) : (100 * (model - measured)) / largest;
      return { curve: labelOf(curve), volts, left };
    }).filter(({ left }) => Number.isFinite(left));
  });
  return renderPlot({
    name,
    description: `${title}: what the law misses at every point.`,
    spec: {
      title,
      width: 320,
      height: 140,
      layer: [
        {
          data: { values: [{ at: 0 }] },
          mark: { type: 'rule', color: COLOURS.line, strokeWidth: 1.2 },
          encoding: { y: { field: 'at', type: 'quantitative' } },
        },
        {
          data: { values },
          mark: { type: 'line', strokeWidth: 1, point: { size: 10 } },
          encoding: {
            x: sweptAxis(kind),
            y: {
              field: 'left',
              type: 'quantitative',
              title:
                kind === 'transfer'
                  ? axisTitle('law/measured', 'decades')
                  : axisTitle('law − measured', '% of largest'),
              axis: { tickCount: 5 },
            },
            color: colourOf(curves),
          },
        },
      ],
    },
  });
}

function sweptAxis(kind: FittedCurve['kind']) {
  return {
    field: 'volts',
    type: 'quantitative',
    title: axisTitle(`${AXES[kind].swept} against source`, 'V'),
    scale: { zero: false },
    axis: { tickCount: 6 },
  };
}

function colourOf(curves: readonly FittedCurve[]) {
  const domain = curves.map(labelOf);
  return {
    field: 'curve',
    type: 'nominal',
    scale: { domain, range: domain.map((_, i) => SERIES[i % SERIES.length]!) },
    legend: { columns: 3 },
  };
}

function labelOf({ kind, held }: FittedCurve): string {
  return `${AXES[kind].held} at ${Number(held.toPrecision(4))} V`;
}
