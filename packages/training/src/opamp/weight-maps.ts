/** How a trained number becomes a conductance: any, tanh in (−1, 1), sigmoid in (0, 1), exponential in (0, ∞). */
export const WEIGHT_MAPS = ['free', 'tanh', 'sigmoid', 'exp'] as const;
export type WeightMap = (typeof WEIGHT_MAPS)[number];

/** `linear`: v = Σ g·v_i, a conventional network; `kirchhoff`: v = Σ g·v_i / Σ g, what the node of a circuit does. */
export type PhysicalRule = 'linear' | 'kirchhoff';

/** Rows of a layer: the inputs, then the bias, then the pull-down (0 V). All are signed where the map allows it. */
export interface LayerSize {
  readonly inputs: number;
  readonly neurons: number;
}

/** Trained numbers of a layer. */
export function entriesOf({ inputs, neurons }: LayerSize): number {
  return (inputs + 2) * neurons;
}

/** Conductances of trained numbers, and dg/dθ. */
export function mapWeights(theta: Float64Array, map: WeightMap, g: Float64Array, slope: Float64Array): void {
  for (let k = 0; k < theta.length; k += 1) {
    const x = theta[k]!;
    switch (map) {
      case 'free':
        g[k] = x;
        slope[k] = 1;
        break;
      case 'tanh':
        g[k] = Math.tanh(x);
        slope[k] = 1 - g[k]! * g[k]!;
        break;
      case 'sigmoid':
        g[k] = 1 / (1 + Math.exp(-x));
        slope[k] = g[k]! * (1 - g[k]!);
        break;
      case 'exp':
        g[k] = Math.exp(x);
        slope[k] = g[k]!;
        break;
      default:
        map satisfies never;
    }
  }
}

/**
 * Conductances → what the loop over the rows multiplies with: `weights` [inputs × neurons] and `offsets` [neurons]. With `kirchhoff`
 * both are divided by `totals` [neurons], Σg of the column.
 */
export function applyRule(
  { inputs, neurons }: LayerSize,
  rule: PhysicalRule,
  g: Float64Array,
  weights: Float64Array,
  offsets: Float64Array,
  totals: Float64Array,
  biasVolts: number,
): void {
  totals.fill(0);
  for (let at = 0; at < g.length; at += 1) totals[at % neurons]! += g[at]!;
  for (let k = 0; k < neurons; k += 1) {
    const scale = rule === 'linear' ? 1 : 1 / totals[k]!;
    for (let i = 0; i < inputs; i += 1) weights[i * neurons + k] = g[i * neurons + k]! * scale;
    offsets[k] = g[inputs * neurons + k]! * scale * biasVolts;
  }
}

/** ∂L/∂weights and ∂L/∂offsets → ∂L/∂g, added to `byG`. */
export function pullBackRule(
  { inputs, neurons }: LayerSize,
  rule: PhysicalRule,
  weights: Float64Array,
  offsets: Float64Array,
  totals: Float64Array,
  byWeights: Float64Array,
  byOffsets: Float64Array,
  byG: Float64Array,
  biasVolts: number,
): void {
  for (let k = 0; k < neurons; k += 1) {
    let mean = 0;
    let scale = 1;
    if (rule === 'kirchhoff') {
      scale = 1 / totals[k]!;
      mean = byOffsets[k]! * offsets[k]!;
      for (let i = 0; i < inputs; i += 1) mean += byWeights[i * neurons + k]! * weights[i * neurons + k]!;
      byG[(inputs + 1) * neurons + k]! -= mean * scale;
    }
    for (let i = 0; i < inputs; i += 1) byG[i * neurons + k]! += (byWeights[i * neurons + k]! - mean) * scale;
    byG[inputs * neurons + k]! += (byOffsets[k]! * biasVolts - mean) * scale;
  }
}
