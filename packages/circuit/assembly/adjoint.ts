import { passOn, solveTransposed } from './elimination';
// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { BLOCK_BYTES, Block, Plan } from './plan';

/** Zero for both sums of the gradient. */
export function clearGradient(at: usize): void {
  const plan = changetype<Plan>(at);
  memory.fill(<usize>plan.resistorGradient, 0, (<usize>plan.resistorCount) << 4);
  memory.fill(<usize>plan.outputGradient, 0, (<usize>plan.outputCount) << 4);
}

/**
 * Adds ∂L/∂(conductance) of every conductor and −Σ λᵀ·(output) of every output of a transistor, which is its current or the current's
 * derivative by one of its values, for one pair of rows, each in its lane, given ∂L/∂v in `seed`: Jᵀλ = ∂L/∂v, ∂L/∂p = −λᵀ·∂F/∂p. The
 * seed becomes λ.
 */
export function adjoint(at: usize, pair: usize): void {
  const plan = changetype<Plan>(at);
  const factors = <usize>plan.kept + pair * <usize>plan.keptBytes;
  const volts = factors + ((<usize>plan.slots) << 4);
  const outputs = volts + ((<usize>plan.voltsCount) << 4);
  const toFactors = factors - <usize>plan.matrix;
  for (let b = plan.blockCount - 1; b >= 0; b -= 1) {
    const block = changetype<Block>(<usize>plan.blocks + <usize>b * BLOCK_BYTES);
    solveTransposed(plan, block, toFactors);
    passOn(block, toFactors);
  }
  // the bin behind λ belongs to driven nodes
  v128.store(<usize>plan.seed + ((<usize>plan.size) << 4), f64x2.splat(0));
  const shift = volts - <usize>plan.volts;
  let entry = <usize>plan.resistors;
  let sum = <usize>plan.resistorGradient;
  for (let i = 0; i < plan.resistorCount; i += 1) {
    const lambda = f64x2.sub(v128.load(<usize>load<i32>(entry)), v128.load(<usize>load<i32>(entry, 4)));
    const across = f64x2.sub(
      v128.load(<usize>load<i32>(entry, 8) + shift),
      v128.load(<usize>load<i32>(entry, 12) + shift),
    );
    v128.store(sum, f64x2.sub(v128.load(sum), f64x2.mul(lambda, across)));
    entry += 16;
    sum += 16;
  }
  entry = <usize>plan.outputEnds;
  sum = <usize>plan.outputGradient;
  let output = outputs;
  for (let i = 0; i < plan.outputCount; i += 1) {
    const lambda = f64x2.sub(v128.load(<usize>load<i32>(entry)), v128.load(<usize>load<i32>(entry, 4)));
    v128.store(sum, f64x2.sub(v128.load(sum), f64x2.mul(lambda, v128.load(output))));
    entry += 8;
    sum += 16;
    output += 16;
  }
}
