import { ETA } from './parity.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';
import { evenIndices } from './statistics.ts';

/** The samples that converged. */
interface CoveredRows {
  /** Row-major [rows × 4]. */
  readonly eta: Float64Array;
  /** Residual of the fit (rms) as a share of the swing 2·η₂. */
  readonly residualShare: Float64Array;
}

const DRAWN = 2000;
const BINS = 40;

/** Which η a sampled design space reaches, and how well a tanh fits there: four histograms and a scatter plot. */
export function coveragePlots(rows: CoveredRows): Promise<Plot[]> {
  return Promise.all([...ETA.map((_, k) => histogram(rows, k as 0 | 1 | 2 | 3)), residuals(rows)]);
}

function histogram(rows: CoveredRows, k: 0 | 1 | 2 | 3): Promise<Plot> {
  const { name, unit, meaning } = ETA[k];
  // steepness spans orders of magnitude: bins of equal ratio
  const isLog = k === 3;
  const { length } = rows.residualShare;
  const all = rows.residualShare.map((_, i) => (isLog ? Math.log10(rows.eta[4 * i + k]!) : rows.eta[4 * i + k]!));
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const width = (high - low) / BINS || 1;
  const counts = new Array<number>(BINS).fill(0);
  for (const value of all) counts[Math.min(BINS - 1, Math.floor((value - low) / width))]! += 1;
  const place = (value: number) => (isLog ? 10 ** value : value);
  return renderPlot({
    name: `coverage-eta${k + 1}`,
    description: `How often each ${meaning} ${name} occurs among ${length} designs.`,
    spec: {
      title: `${name}, ${meaning}`,
      width: 260,
      height: 150,
      data: {
        values: counts.map((count, i) => ({ from: place(low + i * width), to: place(low + (i + 1) * width), count })),
      },
      mark: { type: 'rect', color: COLOURS.blue },
      encoding: {
        x: {
          field: 'from',
          type: 'quantitative',
          title: axisTitle(name, unit),
          scale: isLog ? { type: 'log', nice: false } : { nice: false, zero: false },
        },
        x2: { field: 'to' },
        y: { field: 'count', type: 'quantitative', title: 'designs' },
        y2: { datum: 0 },
      },
    },
  });
}

function residuals(rows: CoveredRows): Promise<Plot> {
  const { length } = rows.residualShare;
  const values = evenIndices(length, DRAWN).map((i) => ({
    steepness: rows.eta[4 * i + 3]!,
    percent: 100 * rows.residualShare[i]!,
  }));
  return renderPlot({
    name: 'coverage-residual',
    description: `Residual of the tanh fit in percent of the swing against the steepness, ${values.length} of ${length} designs.`,
    spec: {
      title: 'Where a tanh fits, and where it does not',
      width: 360,
      height: 220,
      data: { values },
      mark: { type: 'point', filled: true, size: 10, opacity: 0.5, color: COLOURS.blue },
      encoding: {
        x: {
          field: 'steepness',
          type: 'quantitative',
          title: axisTitle('steepness η₄', '1/V'),
          scale: { type: 'log', nice: false },
        },
        y: { field: 'percent', type: 'quantitative', title: axisTitle('residual of the fit', '% of the swing') },
      },
    },
  });
}
