import { type Cell, ptanhCurve, type Technology } from '@neuroprint/circuit';
import { type EngineChoice, openEngine, simulateCurves } from '@neuroprint/spice';
import { PtanhFitter } from './ptanh-fit.ts';
import { sweepOf, uniformSweep } from './sweep.ts';

/** Evenly spaced points whose grid puts nothing worth mentioning into η. */
export const FINE_POINTS = 4001;
/** Designs of one simulator run: their curves are long. */
const CHUNK = 50;

/**
 * η [designs × 4] of given designs [designs × parameters] (ohms, metres) from sweeps of 4,001 evenly spaced points, NaN where there
 * is no curve or no fit: what the η of a quicker sweep are to be compared with. Throws engine errors.
 */
export async function fineEta(
  technology: Technology,
  cell: Cell,
  values: Float64Array,
  choice: EngineChoice,
): Promise<Float64Array> {
  const sweep = sweepOf(technology, FINE_POINTS);
  const { weights } = uniformSweep(sweep);
  const fitter = new PtanhFitter(FINE_POINTS, technology.bias.volts);
  const width = cell.parameters.length;
  const eta = new Float64Array((4 * values.length) / width).fill(Number.NaN);
  const engine = await openEngine(choice);
  try {
    for (let from = 0; from < values.length; from += CHUNK * width) {
      const designs = values.slice(from, from + CHUNK * width);
      const grid = { ...sweep, kind: 'uniform' } as const;
      const curves = await simulateCurves(engine, { technology, cell, designs, grid });
      curves.forEach((curve, i) => {
        if ('failure' in curve) return;
        const fit = fitter.fit(curve.inputVolts, curve.outputVolts, ptanhCurve(cell), weights);
        if (fit.converged) eta.set(fit.eta, 4 * (from / width + i));
      });
    }
  } finally {
    await engine.close();
  }
  return eta;
}
