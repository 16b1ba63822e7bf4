/** Sizes of a layer. */
export interface LayerShape {
  readonly inputs: number;
  readonly neurons: number;
  /** Its columns are the outputs themselves: no activation stage follows. */
  readonly linear?: boolean;
}

/** The instances of a layer: `draws` prints of `inputs` × `neurons`. Also holds gradients, by the same names. */
export interface LayerTensors {
  readonly draws: number;
  readonly inputs: number;
  readonly neurons: number;
  /** y = z; what `activation` holds then means nothing. */
  readonly linear: boolean;
  /** w: conductance over the column's total, [draws × inputs × neurons]. */
  readonly weights: Float64Array;
  /** b: bias conductance times the bias volts over the column's total, in volts, [draws × neurons]. */
  readonly offsets: Float64Array;
  /** η of the falling stages [draws × inputs × 4] and of the activation stages [draws × neurons × 4]. */
  readonly falling: Float64Array;
  readonly activation: Float64Array;
  /** 1 where the entry passes the falling stage, [inputs × neurons]; the same for all draws. */
  readonly inverted: Uint8Array;
}

/** The tensors of all layers as views of one array. */
export interface NetworkTensors {
  readonly all: Float64Array;
  readonly layers: readonly LayerTensors[];
  /** η of all stages of a kind, layer after layer [instances × 4]: the tensors of the layers, in one piece. */
  readonly falling: Float64Array;
  readonly activation: Float64Array;
}

/** Float64 numbers that the tensors of `draws` prints need. */
export function tensorsLength(shapes: readonly LayerShape[], draws: number): number {
  return shapes.reduce((sum, { inputs, neurons }) => sum + draws * (inputs * neurons + 4 * inputs + 5 * neurons), 0);
}

/** Number of entries that a layer may invert, over all layers. */
export function entriesLength(shapes: readonly LayerShape[]): number {
  return shapes.reduce((sum, { inputs, neurons }) => sum + inputs * neurons, 0);
}

/** Tensors in memory that is given: `all` of tensorsLength and `inverted` of entriesLength. */
export function tensorsIn(
  all: Float64Array,
  inverted: Uint8Array,
  shapes: readonly LayerShape[],
  draws: number,
): NetworkTensors {
  let at = 0;
  const take = (count: number): Float64Array => {
    at += count;
    return all.subarray(at - count, at);
  };
  const fallings = shapes.map(({ inputs }) => take(draws * inputs * 4));
  const fallingEnd = at;
  const activations = shapes.map(({ neurons }) => take(draws * neurons * 4));
  const activationEnd = at;
  let entry = 0;
  const layers = shapes.map(({ inputs, neurons, linear = false }, l) => {
    entry += inputs * neurons;
    return {
      draws,
      inputs,
      neurons,
      linear,
      weights: take(draws * inputs * neurons),
      offsets: take(draws * neurons),
      falling: fallings[l]!,
      activation: activations[l]!,
      inverted: inverted.subarray(entry - inputs * neurons, entry),
    };
  });
  return {
    all,
    layers,
    falling: all.subarray(0, fallingEnd),
    activation: all.subarray(fallingEnd, activationEnd),
  };
}

/** Tensors in new memory, all zero. */
export function createTensors(shapes: readonly LayerShape[], draws: number): NetworkTensors {
  const all = new Float64Array(tensorsLength(shapes, draws));
  return tensorsIn(all, new Uint8Array(entriesLength(shapes)), shapes, draws);
}
