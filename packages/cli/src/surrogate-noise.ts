import { findCell, type Technology } from '@neuroprint/circuit';
import { NeuroprintError } from '@neuroprint/core';
import type { SurrogateReportData } from '@neuroprint/report';
import { fineEta } from '@neuroprint/sampler';
import type { EngineChoice } from '@neuroprint/spice';
import { compareEta, etaNoise, SurrogateModel, type TrainedSurrogate } from '@neuroprint/surrogate';
import { log } from './output.ts';

/** Held-out designs that are simulated again. */
const DESIGNS = 100;

/**
 * How close a surrogate is to what is possible: held-out designs are simulated once more with 4,001 points. Samples without
 * curves come from elsewhere, where our templates may be another process. Where it cannot be measured, says why.
 */
export async function measureNoise(
  { surrogate, testRows }: TrainedSurrogate,
  technology: Technology,
  engine: EngineChoice,
): Promise<NonNullable<SurrogateReportData['noise']>> {
  if (testRows.curves === undefined)
    return { notMeasured: 'the samples came without curves, from a simulator of others' };
  const rows = Math.min(DESIGNS, testRows.eta.length / 4);
  const values = testRows.values.slice(0, rows * surrogate.parameters.length);
  log(`simulates ${rows} held-out designs with 4,001 points`);
  try {
    const fine = await fineEta(technology, findCell(technology, surrogate.cell), values, engine);
    const predicted = SurrogateModel.of(surrogate).predict(values, rows);
    const eta = testRows.eta.slice(0, 4 * rows);
    const { mseNormalised } = compareEta(predicted, eta, surrogate.etaMin, surrogate.etaMax);
    const noise = etaNoise(eta, fine, surrogate);
    return { rows: noise.rows, mseNormalised: noise.mseNormalised, surrogateMseNormalised: mseNormalised };
  } catch (error) {
    if (!(error instanceof NeuroprintError)) throw error;
    return { notMeasured: error.message.split('\n')[0]! };
  }
}
