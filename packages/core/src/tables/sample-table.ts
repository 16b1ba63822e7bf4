import type { Parameter } from '../schemas/common.ts';

/** Curves of all rows, as p(v): v_out of a rising cell, −v_out of a falling one; in volts. */
export interface SampleCurves {
  readonly points: number;
  /** [rows × points], ascending in every row. */
  readonly inputVolts: Float64Array;
  /** [rows × points] */
  readonly volts: Float64Array;
  /** Power that all supplies and the input deliver [rows × points]; absent in samples of versions that did not keep it. */
  readonly watts?: Float64Array;
}

/** Sampled designs of one cell and the curves they have; rows that failed are left out. */
export interface SampleTable {
  readonly technology: string;
  readonly cell: string;
  readonly parameters: readonly Parameter[];
  readonly constraints: readonly string[];
  /** Component values [rows × parameters] in ohms and metres. */
  readonly values: Float64Array;
  /** η₁..η₄ [rows × 4] in volts, volts, volts and 1/volts; η₂ > 0 and η₄ > 0. */
  readonly eta: Float64Array;
  /** Rms residual of the ptanh fit of every row, in volts. */
  readonly residualVolts?: Float64Array;
  /** The simulated curves, where they are known. */
  readonly curves?: SampleCurves;
  /** SHA-256 of what the rows were read from. */
  readonly hash: string;
}

/** Two-dimensional sweeps of sampled designs of one cell; designs without an operating point somewhere are left out. */
export interface PortTable
  extends Pick<SampleTable, 'technology' | 'cell' | 'parameters' | 'constraints' | 'values' | 'hash'> {
  /** Points of a design: for each volts of the output `inputPoints` ascending volts of the input. */
  readonly points: number;
  readonly inputPoints: number;
  /** [designs × points] */
  readonly inputVolts: Float64Array;
  readonly outputVolts: Float64Array;
  /** Currents into the output. */
  readonly outputAmperes: Float64Array;
  /** Volts of the inner drains by name. */
  readonly drainVolts: Readonly<Record<string, Float64Array>>;
}
