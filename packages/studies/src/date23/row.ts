import type { AccuracyBySplit, UnderVariation } from '@neuroprint/core';
import type { JobResult } from '@neuroprint/training';
import type { Case } from './case.ts';

/** One training of the table and what it reached. */
export interface Row {
  readonly dataset: string;
  readonly case: string;
  readonly seed: number;
  readonly epochs: number;
  readonly validScore: number;
  readonly accuracy: AccuracyBySplit;
  readonly underVariation: readonly UnderVariation[];
  /** Neurons of the hidden layer. */
  readonly hidden: number;
  /** Resistors of the crossbars, falling stages, watts and channel area of the printed network; 0 for a digital one. */
  readonly resistors: number;
  readonly fallingStages: number;
  readonly watts: number;
  readonly areaSquareMetres: number;
  /** Volts between first and second output at the median; 0 for a digital network. */
  readonly marginVolts: number;
}

export function toRow(key: Pick<Row, 'dataset' | 'seed' | 'hidden'>, which: Case, result: JobResult): Row {
  const { epochs, validScore } = result;
  const common = { ...key, case: which.name, epochs, validScore };
  if (!('network' in result)) {
    const { accuracy, underVariation } = result;
    return {
      ...common,
      accuracy,
      underVariation,
      ...{ resistors: 0, fallingStages: 0, watts: 0, areaSquareMetres: 0, marginVolts: 0 },
    };
  }
  const { metrics } = result.network;
  return {
    ...common,
    accuracy: metrics!.accuracy,
    underVariation: result.underVariation,
    ...result.cost,
    marginVolts: metrics!.sensingMarginVolts!.median,
  };
}
