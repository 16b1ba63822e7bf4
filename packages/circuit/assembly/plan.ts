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
  /** Blocks of unknowns, each solved when those before are; pairs of what gradients need of the transistors. */
  blocks: i32;
  blockCount: i32;
  outputs: i32;
  /** Op-amps; float64 gain, middle, half swing (0: no rails) of each. */
  opamps: i32;
  opampCount: i32;
  opampLaws: i32;
  /** The largest step of each unknown, float64. */
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

/** Unknowns that are solved together. */
@unmanaged
export class Block {
  /** Its first unknown, and how many there are; whether only the right half of the matrix is stored, for the left is alike. */
  first: i32;
  count: i32;
  isSymmetric: i32;
  /** Its part of the matrix. */
  firstSlot: i32;
  slotCount: i32;
  /** Conductances, float64, and per row their count, then volts and matrix entry of each. */
  conductances: i32;
  linear: i32;
  /** Where the kinds of its transistors stand (src/law/kernel/emit.ts), and their part of the outputs. */
  laws: i32;
  firstOutput: i32;
  outputCount: i32;
  /** Elimination with the right side, back substitution, and both transposed. */
  factor: i32;
  back: i32;
  transposed: i32;
  /** λ of an equation, λ of an unknown of a block before, and the entry of the two. */
  outer: i32;
  outerCount: i32;
  /** Offset in a row's state and address of the volts: of its unknowns, then of those of blocks before that its equations read. */
  read: i32;
  readCount: i32;
}

export const BLOCK_BYTES: usize = 68;
