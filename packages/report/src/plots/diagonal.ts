import { COLOURS } from './plot.ts';

/** One point cloud against the diagonal: used for voltages and for the surrogate's parameters. */
export function diagonalSpec(options: {
  readonly values: readonly Readonly<Record<string, number | string>>[];
  readonly x: { readonly field: string; readonly title: string };
  readonly y: { readonly field: string; readonly title: string };
  readonly series?: { readonly field: string; readonly names: readonly string[] };
  readonly scale?: 'linear' | 'log';
  readonly size?: number;
}) {
  const { values, x, y, series, scale = 'linear', size = 215 } = options;
  const all = values.flatMap((value) => [Number(value[x.field]), Number(value[y.field])]);
  const [low, high] = all.reduce<[number, number]>(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Infinity, -Infinity],
  );
  const axis = (channel: { field: string; title: string }) => ({
    ...channel,
    type: 'quantitative',
    ...(scale === 'log'
      ? {
          scale: { type: 'log', domain: [low, high], nice: false },
          axis: { values: oneTwoFive(low, high), labelExpr: 'datum.value' },
        }
      : { scale: { domain: [low, high], nice: true, zero: false }, axis: { tickCount: 5 } }),
  });
  const channels = { x: axis(x), y: axis(y) };
  return {
    width: size,
    height: size,
    data: { values },
    layer: [
      {
        data: { values: [low, high].map((v) => ({ [x.field]: v, [y.field]: v })) },
        mark: { type: 'line', color: COLOURS.line, strokeWidth: 1.5 },
        encoding: channels,
      },
      {
        mark: { type: 'point', filled: true, size: 14, opacity: 0.6, color: COLOURS.blue },
        encoding: {
          ...channels,
          ...(series === undefined
            ? {}
            : {
                color: {
                  field: series.field,
                  type: 'nominal',
                  scale: { domain: series.names, range: [COLOURS.blue, COLOURS.vermillion] },
                },
              }),
        },
      },
    ],
  };
}

/** Values 1, 2, 5 times powers of ten between two positive numbers. */
function oneTwoFive(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, i) => from + i);
  const values = powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  return values.filter((value) => value >= low && value <= high);
}
