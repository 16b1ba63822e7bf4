import type { AccuracyBySplit, UnderVariation } from '@neuroprint/core';
import type { JobResult } from '@neuroprint/training';
import type { Case } from './case.ts';

/** One training of the table and what it reached. */
export interface Row {
  readonly dataset: string;
  readonly case: string;
  readonly seed: number;
  /** Of everything the row depends on; a row of another recipe is not taken over. */
  readonly recipe: string;
  readonly epochs: number;
  readonly cpuSeconds: number;
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

export function toRow(key: Pick<Row, 'dataset' | 'seed' | 'recipe' | 'hidden'>, which: Case, result: JobResult): Row {
  const { epochs, cpuSeconds, validScore } = result;
  const common = { ...key, case: which.name, epochs, cpuSeconds, validScore };
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
