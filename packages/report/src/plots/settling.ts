import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';

/** A circuit's smallest Σg/Σ|g| of a column, and the largest real part of its eigenvalues in 1/s. */
export interface SettlingCircuit {
  readonly variant: string;
  readonly leastShare: number;
  readonly largestRealPart: number;
  readonly settles: boolean;
}

/** Real parts between these, 1/s, are drawn about linearly, larger ones by their logarithm. */
const SMALLEST = 1e3;

/** Which circuits settle: filled where they do, hollow where an eigenvalue has a positive real part. */
export function settlingPlot(name: string, circuits: readonly SettlingCircuit[]): Promise<Plot> {
  const variants = [...new Set(circuits.map(({ variant }) => variant))];
  const most = Math.max(...circuits.map(({ largestRealPart }) => Math.abs(largestRealPart)), 10 * SMALLEST);
  const count = Math.ceil(Math.log10(most / SMALLEST));
  const decades = Array.from({ length: count }, (_, k) => SMALLEST * 10 ** (k + 1));
  const range = [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.orange, COLOURS.sky];
  const x = {
    field: 'leastShare',
    type: 'quantitative',
    title: 'smallest Σg/Σ|g| of a column',
    scale: { domain: [-1, 1] },
    axis: { tickCount: 5 },
  };
  const y = {
    field: 'largestRealPart',
    type: 'quantitative',
    title: axisTitle('largest real part of the eigenvalues', '1/s'),
    scale: { type: 'symlog', constant: SMALLEST },
    axis: { format: '.0e', values: [...decades.map((value) => -value).reverse(), 0, ...decades] },
  };
  const color = { field: 'variant', type: 'nominal', scale: { domain: variants, range }, legend: { columns: 5 } };
  const points = (settles: boolean) => ({
    data: { values: circuits.filter((one) => one.settles === settles) },
    mark: { type: 'point', filled: settles, size: 70, opacity: 1, strokeWidth: 2 },
    encoding: { x, y, color },
  });
  return renderPlot({
    name,
    description: `${circuits.filter(({ settles }) => settles).length} of ${circuits.length} circuits settle: eigenvalues against the smallest sum of conductances.`,
    spec: {
      title: { text: 'Which circuits settle', subtitle: 'filled: settles; hollow: does not' },
      width: 520,
      height: 320,
      layer: [
        {
          data: { values: [{ largestRealPart: 0 }] },
          mark: { type: 'rule', color: COLOURS.ink },
          encoding: { y },
        },
        points(true),
        points(false),
      ],
    },
  });
}
