import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** A line of a picture, and a band about it where `low` and `high` are given; NaN leaves a gap. */
export interface Curve {
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly low?: ArrayLike<number>;
  readonly high?: ArrayLike<number>;
}

export interface Axis {
  readonly quantity: string;
  readonly unit: string;
  readonly log?: boolean;
  /** Shares as percent. */
  readonly percent?: boolean;
  /** From the largest to the smallest. */
  readonly reversed?: boolean;
}

/** Named lines with bands over faint ones that have no name of their own, such as single measurements. */
export function curvesPlot(options: {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  readonly faint?: readonly { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> }[];
  /** A horizontal line, and what it is. */
  readonly level?: { readonly value: number; readonly label: string };
}): Promise<Plot> {
  const { name, title, description, x, y, curves, faint = [], level } = options;
  const shown = (axis: Axis, value: number): boolean => Number.isFinite(value) && (axis.log !== true || value > 0);
  const positive = (value: number, least: number): number => (y.log === true && !(value > 0) ? least : value);
  const values = curves.flatMap((curve) =>
    Array.from(curve.x, (at, i) => ({
      line: curve.label,
      x: at,
      y: curve.y[i]!,
      low: positive(curve.low?.[i] ?? curve.y[i]!, curve.y[i]!),
      high: curve.high?.[i] ?? curve.y[i]!,
    })).filter((point) => shown(x, point.x) && shown(y, point.y)),
  );
  const single = faint.flatMap((curve, k) =>
    Array.from(curve.x, (at, i) => ({ one: k, x: at, y: curve.y[i]! })).filter((p) => shown(x, p.x) && shown(y, p.y)),
  );
  const channel = (field: string, axis: Axis) => ({
    field,
    type: 'quantitative',
    title: axisTitle(axis.quantity, axis.unit),
    scale: {
      ...(axis.log === true ? { type: 'log' } : { zero: false }),
      ...(axis.reversed === true ? { reverse: true } : {}),
    },
    axis: { tickCount: 6, ...(axis.percent === true ? { format: PERCENT_TICKS } : {}) },
  });
  const labels = curves.map(({ label }) => label);
  const color = {
    field: 'line',
    type: 'nominal',
    scale: {
      domain: labels,
      range: [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.orange, COLOURS.sky, COLOURS.ink, COLOURS.muted],
    },
    legend: labels.length > 1 ? { columns: 3 } : null,
  };
  return renderPlot({
    name,
    description,
    spec: {
      width: 420,
      height: 260,
      ...(title === undefined ? {} : { title }),
      layer: [
        {
          data: { values: single },
          mark: { type: 'line', strokeWidth: 0.7, color: COLOURS.line },
          encoding: { x: channel('x', x), y: channel('y', y), detail: { field: 'one' } },
        },
        {
          data: { values: values.filter((v) => v.high > v.low) },
          mark: { type: 'area', opacity: 0.18 },
          encoding: { x: channel('x', x), y: channel('low', y), y2: { field: 'high' }, color },
        },
        {
          data: { values },
          mark: { type: 'line', strokeWidth: 1.8 },
          encoding: { x: channel('x', x), y: channel('y', y), color },
        },
        ...(level === undefined
          ? []
          : [
              {
                data: { values: [{ level: level.value, label: level.label }] },
                mark: { type: 'rule', color: COLOURS.muted, strokeDash: [4, 3] },
                encoding: { y: channel('level', y) },
              },
              {
                data: { values: [{ level: level.value, label: level.label }] },
                mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 4, x: 0, color: COLOURS.muted },
                encoding: { y: channel('level', y), text: { field: 'label' } },
              },
            ]),
      ],
    },
  });
}
