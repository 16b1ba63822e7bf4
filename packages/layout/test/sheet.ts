/** A rectangle in micrometres: x1, y1, x2, y2. */
export type Box = readonly [number, number, number, number];

export interface Metals {
  readonly bottom: readonly Box[];
  readonly top: readonly Box[];
  /** Where the two touch. */
  readonly vias: readonly Box[];
}

/**
 * Two sheets of 1 ohm a square by finite differences on squares of `step` micrometres. `amperes` enter evenly over boxes of the bottom metal and leave at
 * `ground` on it; returns the mean volts of each box. It shares nothing with the code under test.
 */
export function sheetVolts(
  metals: Metals,
  ground: Box,
  taps: readonly { readonly box: Box; readonly amperes: number }[],
  step: number,
): number[] {
  const squaresOf = (boxes: readonly Box[]): { x: number; y: number }[] =>
    boxes.flatMap(([x1, y1, x2, y2]) =>
      Array.from({ length: ((x2 - x1) / step) * ((y2 - y1) / step) }, (_, k) => ({
        x: x1 / step + (k % ((x2 - x1) / step)),
        y: y1 / step + Math.floor(k / ((x2 - x1) / step)),
      })),
    );
  const touching = new Set(squaresOf(metals.vias).map(({ x, y }) => `${x} ${y}`));
  const squares: { x: number; y: number; isBottom: boolean }[] = [];
  const numbers = { bottom: new Map<string, number>(), top: new Map<string, number>() };
  for (const layer of ['bottom', 'top'] as const)
    for (const { x, y } of squaresOf(metals[layer])) {
      const key = `${x} ${y}`;
      if (numbers[layer].has(key)) continue;
      const below = touching.has(key) ? numbers.bottom.get(key) : undefined;
      numbers[layer].set(key, below ?? squares.length);
      if (below === undefined) squares.push({ x, y, isBottom: layer === 'bottom' });
    }
  const links = Object.values(numbers).flatMap((own) =>
    [...own].flatMap(([key, a]) => {
      const [x, y] = key.split(' ').map(Number) as [number, number];
      return [own.get(`${x + 1} ${y}`), own.get(`${x} ${y + 1}`)].flatMap((b) =>
        b === undefined ? [] : [[a, b] as const],
      );
    }),
  );
  const within = ([x1, y1, x2, y2]: Box): number[] =>
    squares.flatMap(({ x, y, isBottom }, k) =>
      isBottom && x * step >= x1 && x * step < x2 && y * step >= y1 && y * step < y2 ? [k] : [],
    );
  const held = new Set(within(ground));
  const currents = new Float64Array(squares.length);
  const places = taps.map(({ box }) => within(box));
  taps.forEach(({ amperes }, t) => {
    for (const k of places[t]!) currents[k]! += amperes / places[t]!.length;
  });
  const times = (v: Float64Array): Float64Array => {
    const out = new Float64Array(v.length);
    for (const [a, b] of links) {
      const flow = v[a]! - v[b]!;
      out[a]! += flow;
      out[b]! -= flow;
    }
    for (const k of held) out[k] = 0;
    return out;
  };
  // conjugate gradients
  const volts = new Float64Array(squares.length);
  for (const k of held) currents[k] = 0;
  const left = currents.slice();
  let way = left.slice();
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  let size = dot(left, left);
  const enough = 1e-20 * size;
  for (let n = 0; n < 20_000 && size > enough; n += 1) {
    const pushed = times(way);
    const by = size / dot(way, pushed);
    for (let k = 0; k < volts.length; k += 1) {
      volts[k]! += by * way[k]!;
      left[k]! -= by * pushed[k]!;
    }
    const next = dot(left, left);
    way = left.map((value, k) => value + (next / size) * way[k]!);
    size = next;
  }
  return places.map((list) => list.reduce((sum, k) => sum + volts[k]!, 0) / list.length);
}
