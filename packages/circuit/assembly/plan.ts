/**
 * One circuit as the kernel runs it: counts, and byte addresses of programs and of working memory. src/kernel/layout.ts writes
 * it, one i32 a field in this order. AssemblyScript, built by `asc` at `npm run build`.
 *
 * Two rows are solved side by side: an array of "pairs" holds two float64 an entry, one of each row, 16 bytes. No operation mixes
 * the two lanes, so that a row's bits do not depend on its partner. Unknowns and equations stand in the order of elimination.
 */
@unmanaged
export class Plan {
  /** Unknowns; inputs; nodes that are driven before the inputs (ground, supplies); entries of the matrix. */
  size: i32;
  inputs: i32;
  supplies: i32;
  slots: i32;
  /** Pairs: volts [size + driven], right side [size + bin], matrix [slots + bin], steps [size + bin], limits [4 × op-amps]. */
  volts: i32;
  right: i32;
  matrix: i32;
  step: i32;
  limits: i32;
  /** Bounds and tolerances, float64, see layout.ts. */
  bounds: i32;
  /** Conductances, float64, and per row their count, then volts and matrix entry of each. */
  conductances: i32;
  linear: i32;
  /** Blocks of the kinds of transistors (src/law/kernel/emit.ts), and pairs of what gradients need of the transistors. */
  laws: i32;
  outputs: i32;
  /** Op-amps; float64 gain, middle, half swing (0: no rails) of each. */
  opamps: i32;
  opampCount: i32;
  opampLaws: i32;
  /** Elimination with the right side, back substitution, and both transposed. */
  factor: i32;
  back: i32;
  transposed: i32;
  /** Where each unknown of the caller stands; its largest step, float64. */
  order: i32;
  stepLimits: i32;
  /** Supply volts, float64. */
  supplyVolts: i32;
  /** Rows of the batch: input volts, state, and status (0: no operating point), iterations left over as i32. */
  rowInputs: i32;
  rowState: i32;
  rowStatus: i32;
  iterations: i32;
  /** Per pair of rows what their gradient needs: factors, volts, outputs. */
  kept: i32;
  keptBytes: i32;
  voltsCount: i32;
  outputCount: i32;
  /** Gradient: seed and λ [size + bin], program and sum of the resistors, sums and ends of the outputs. */
  seed: i32;
  resistors: i32;
  resistorCount: i32;
  resistorGradient: i32;
  outputGradient: i32;
  outputEnds: i32;
  /** Sources in series with stages: program; float64 curves, and volts of every row of the batch; pairs of the volts of the present rows. */
  sources: i32;
  sourceCount: i32;
  sourceCurves: i32;
  rowVolts: i32;
  sourceVolts: i32;
}
