import { formatVolts } from '../format.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from '../plot.ts';
import { evenIndices } from '../statistics.ts';

/** Voltages of the same rows and nodes from two solvers, row-major [rows × nodes]. */
export interface NodeVoltages {
  readonly nodes: readonly string[];
  readonly expectedVolts: ArrayLike<number>;
  readonly simulatedVolts: ArrayLike<number>;
}

/** What a scatter plot draws at most, so that a page with a million voltages still opens. */
export const DRAWN_VOLTAGES = 1200;
/** Nodes in the dot plot at most: those with the largest differences. */
export const DRAWN_NODES = 24;
/** Smaller differences are rounding of the text files; a log axis needs an end. */
const SMALLEST_VOLTS = 1e-15;
const VOLTS_LABEL = "format(datum.value, '~s') + 'V'";

/** Simulated against expected volts, on the diagonal where the solvers agree. */
export function voltageScatterPlot(rows: NodeVoltages, outputs: readonly string[]): Promise<Plot> {
  const width = rows.nodes.length;
  const isOutput = rows.nodes.map((node) => outputs.includes(node));
  const values = evenIndices(rows.expectedVolts.length, DRAWN_VOLTAGES).map((i) => ({
    expected: rows.expectedVolts[i]!,
    simulated: rows.simulatedVolts[i]!,
    node: isOutput[i % width] ? 'outputs' : 'inner nodes',
  }));
  return renderPlot({
    name: 'voltages',
    description:
      'Voltages simulated by ngspice against voltages expected by the exact solver; points on the diagonal agree.',
    spec: diagonalSpec({
      values,
      x: { field: 'expected', title: axisTitle('expected (exact solver)', 'V') },
      y: { field: 'simulated', title: axisTitle('simulated (ngspice)', 'V') },
      series: { field: 'node', names: ['inner nodes', 'outputs'] },
    }),
  });
}

/** One point cloud against the diagonal: used for voltages and for the surrogate's parameters. */
export function diagonalSpec(options: {
  readonly values: readonly Readonly<Record<string, number | string>>[];
  readonly x: { readonly field: string; readonly title: string };
  readonly y: { readonly field: string; readonly title: string };
  readonly series?: { readonly field: string; readonly names: readonly string[] };
  readonly scale?: 'linear' | 'log';
  readonly size?: number;
}) {
  const { values, x, y, series, scale = 'linear', size = 230 } = options;
  const all = values.flatMap((value) => [Number(value[x.field]), Number(value[y.field])]);
  const [low, high] = all.reduce<[number, number]>(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Infinity, -Infinity],
  );
  const axis = (channel: { field: string; title: string }) => ({
    ...channel,
    type: 'quantitative',
    scale: { type: scale, domain: [low, high], nice: scale === 'linear', zero: false },
    axis: { tickCount: 5 },
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

/** How many voltages differ by how much, in half decades; the tolerance as a dashed line. */
export function errorHistogramPlot(rows: NodeVoltages, toleranceVolts: number): Promise<Plot> {
  const counts = new Map<number, number>();
  for (let i = 0; i < rows.expectedVolts.length; i += 1) {
    const error = Math.max(Math.abs(rows.simulatedVolts[i]! - rows.expectedVolts[i]!), SMALLEST_VOLTS);
    const bin = Math.floor(Math.log10(error) * 2 + 1e-9);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const values = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([bin, count]) => ({ from: 10 ** (bin / 2), to: 10 ** ((bin + 1) / 2), count }));
  const x = {
    field: 'from',
    type: 'quantitative',
    title: axisTitle('|ngspice − expected|', 'V'),
    scale: { type: 'log', nice: true },
    axis: { labelExpr: VOLTS_LABEL, tickCount: 6, grid: false },
  };
  return renderPlot({
    name: 'voltage-errors',
    description: `Histogram of the differences between ngspice and the exact solver on a logarithmic axis, with the tolerance of ${formatVolts(toleranceVolts)}.`,
    spec: {
      width: 270,
      height: 190,
      data: { values },
      layer: [
        {
          mark: { type: 'bar', color: COLOURS.blue, stroke: 'white', strokeWidth: 1 },
          encoding: {
            x,
            x2: { field: 'to' },
            y: { field: 'count', type: 'quantitative', title: axisTitle('voltages', 'count'), axis: { tickCount: 5 } },
          },
        },
        ...toleranceLayers(toleranceVolts, x),
      ],
    },
  });
}

function toleranceLayers(toleranceVolts: number, x: Readonly<Record<string, unknown>>) {
  const data = { values: [{ from: toleranceVolts, label: `tolerance ${formatVolts(toleranceVolts)}` }] };
  return [
    { data, mark: { type: 'rule', color: COLOURS.vermillion, strokeDash: [4, 3], strokeWidth: 1.5 }, encoding: { x } },
    {
      data,
      mark: { type: 'text', align: 'right', dx: -6, baseline: 'top', y: 2, color: COLOURS.vermillion },
      encoding: { x, text: { field: 'label' } },
    },
  ];
}

/** Largest difference of each node on a logarithmic axis, the worst nodes first. */
export function nodeErrorPlot(nodeErrorVolts: Readonly<Record<string, number>>, worstNode: string): Promise<Plot> {
  const values = Object.entries(nodeErrorVolts)
    .sort(([a, ea], [b, eb]) => eb - ea || (a < b ? -1 : 1))
    .slice(0, DRAWN_NODES)
    .map(([node, volts]) => ({
      node,
      volts: Math.max(volts, SMALLEST_VOLTS),
      label: formatVolts(volts),
      worst: node === worstNode,
    }));
  const x = {
    field: 'volts',
    type: 'quantitative',
    title: axisTitle('largest |ngspice − expected|', 'V'),
    scale: { type: 'log', nice: true },
    axis: { labelExpr: VOLTS_LABEL, tickCount: 4 },
  };
  const y = {
    field: 'node',
    type: 'nominal',
    sort: null,
    title: 'node',
    axis: { labelLimit: 150, ticks: false, grid: true },
  };
  return renderPlot({
    name: 'node-errors',
    description: `Largest difference between ngspice and the exact solver at each node; the worst is ${worstNode}.`,
    spec: {
      width: 240,
      height: { step: 17 },
      data: { values },
      layer: [
        {
          mark: { type: 'point', filled: true, size: 50, opacity: 1 },
          encoding: {
            x,
            y,
            color: { condition: { test: 'datum.worst', value: COLOURS.vermillion }, value: COLOURS.blue },
          },
        },
        {
          transform: [{ filter: 'datum.worst' }],
          mark: { type: 'text', align: 'left', dx: 8, color: COLOURS.vermillion },
          encoding: { x, y, text: { field: 'label' } },
        },
      ],
    },
  });
}
