import { formatRound, formatVolts } from '../format.ts';
import { diagonalSpec } from './diagonal.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';
import { evenIndices } from './statistics.ts';

/** Voltages of the same rows and nodes from two solvers, row-major [rows × nodes]. */
export interface ComparedVoltages {
  readonly nodes: readonly string[];
  readonly expectedVolts: ArrayLike<number>;
  readonly simulatedVolts: ArrayLike<number>;
}

/** Labels on a logarithmic axis at most. */
const LABELLED_DECADES = 5;
/** What a scatter plot draws at most, so that a page with a million voltages still opens. */
export const DRAWN_VOLTAGES = 1200;
/** Nodes in the dot plot at most: those with the largest differences. */
export const DRAWN_NODES = 24;
const VOLTS_LABEL = "replace(format(datum.value, '~s'), regexp('[a-zµ]?$'), ' $&') + 'V'";

/** Simulated against expected volts, on the diagonal where the solvers agree. */
export function voltageScatterPlot(rows: ComparedVoltages, outputs: readonly string[]): Promise<Plot> {
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

/** How many voltages are exactly equal in both solvers: a logarithmic axis has no place for them. */
export function countEqual({ expectedVolts, simulatedVolts }: ComparedVoltages): number {
  return Array.from(expectedVolts).filter((volts, i) => volts === simulatedVolts[i]).length;
}

/** How many voltages differ by how much, in half decades; the tolerance as a dashed line. Equal ones are left out. */
export function errorHistogramPlot(rows: ComparedVoltages, toleranceVolts: number): Promise<Plot> {
  const counts = new Map<number, number>();
  for (let i = 0; i < rows.expectedVolts.length; i += 1) {
    const error = Math.abs(rows.simulatedVolts[i]! - rows.expectedVolts[i]!);
    if (!(error > 0 && Number.isFinite(error))) continue;
    const bin = Math.floor(Math.log10(error) * 2);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const values = [...counts].map(([bin, count]) => ({ from: 10 ** (bin / 2), to: 10 ** ((bin + 1) / 2), count }));
  const x = {
    ...errorAxis('|ngspice − expected|', [...values.flatMap(({ from, to }) => [from, to]), toleranceVolts]),
    field: 'from',
  };
  const y = { field: 'count', type: 'quantitative', title: axisTitle('voltages', 'count'), axis: { tickCount: 5 } };
  return renderPlot({
    name: 'voltage-errors',
    description: `Histogram of the differences between ngspice and the exact solver on a logarithmic axis, with the tolerance of ${formatRound(toleranceVolts, 'V')}.`,
    spec: {
      width: 235,
      height: 215,
      data: { values: values.sort((a, b) => a.from - b.from) },
      layer: [
        {
          mark: { type: 'rect', color: COLOURS.blue, stroke: 'white', strokeWidth: 1 },
          encoding: { x, x2: { field: 'to' }, y, y2: { datum: 0 } },
        },
        ...toleranceLayers(toleranceVolts, x),
      ],
    },
  });
}

/** A logarithmic axis over whole decades, with a line at each and a label at some. */
function errorAxis(quantity: string, volts: readonly number[]) {
  const low = Math.floor(Math.log10(Math.min(...volts)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...volts))));
  const decades = Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
  const labelled = decades.filter((_, i) => i % Math.ceil(decades.length / LABELLED_DECADES) === 0);
  return {
    type: 'quantitative',
    title: axisTitle(quantity, 'V'),
    scale: { type: 'log', domain: [decades[0]!, decades.at(-1)!], nice: false },
    axis: { labelExpr: VOLTS_LABEL, values: labelled, labelOverlap: false },
  };
}

function toleranceLayers(toleranceVolts: number, x: Readonly<Record<string, unknown>>) {
  const data = { values: [{ from: toleranceVolts, label: `tolerance ${formatRound(toleranceVolts, 'V')}` }] };
  return [
    { data, mark: { type: 'rule', color: COLOURS.vermillion, strokeDash: [4, 3], strokeWidth: 1.5 }, encoding: { x } },
    {
      data,
      mark: { type: 'text', align: 'center', baseline: 'bottom', y: -3, color: COLOURS.vermillion },
      encoding: { x, text: { field: 'label' } },
    },
  ];
}

/** Largest difference of each node on a logarithmic axis, the worst nodes first. Nodes without any are left out. */
export function nodeErrorPlot(nodeErrorVolts: Readonly<Record<string, number>>, worstNode: string): Promise<Plot> {
  const values = Object.entries(nodeErrorVolts)
    .filter(([, volts]) => volts > 0)
    .sort(([a, ea], [b, eb]) => eb - ea || (a < b ? -1 : 1))
    .slice(0, DRAWN_NODES)
    .map(([node, volts]) => ({ node, volts, label: formatVolts(volts), worst: node === worstNode }));
  const x = {
    ...errorAxis(
      'largest |ngspice − expected|',
      values.map(({ volts }) => volts),
    ),
    field: 'volts',
  };
  const y = {
    field: 'node',
    type: 'nominal',
    sort: null,
    title: 'node',
    axis: { ticks: false, grid: true, labelLimit: 220 },
  };
  return renderPlot({
    name: 'node-errors',
    description: `Largest difference between ngspice and the exact solver at each node; the worst is ${worstNode}.`,
    spec: {
      width: 180,
      height: { step: 16 },
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
