/** A linear scale from numbers to pixels. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
  /** How many decimals tell the ticks apart. */
  readonly decimals: number;
}

/** From `domain` to `range` in pixels, with about `count` ticks on 1, 2 or 5 times a power of ten. */
export function linear(domain: readonly [number, number], range: readonly [number, number], count = 4): Scale {
  const [low, high] = domain;
  const span = high > low ? high - low : Math.abs(low) || 1;
  const step = niceStep(span / count);
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= low + span * (1 + 1e-9); k += 1) ticks.push(k * step);
  const at = (value: number) => range[0] + ((value - low) / span) * (range[1] - range[0]);
  return Object.assign(at, { ticks, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) });
}

/** The same by powers of ten, with ticks at 1, 2 and 5 times them; of a domain above 0. */
export function logarithmic(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const at = linear([Math.log10(domain[0]), Math.log10(domain[1])], range);
  const [low, high] = [Math.floor(Math.log10(domain[0])), Math.ceil(Math.log10(domain[1]))];
  const ticks = Array.from({ length: high - low + 1 }, (_, k) => [1, 2, 5].map((factor) => factor * 10 ** (low + k)))
    .flat()
    .filter((tick) => tick >= domain[0] && tick <= domain[1]);
  return Object.assign((value: number) => at(Math.log10(value)), { ticks, decimals: Math.max(0, -low) });
}

/** The least of 1, 2, 5 times a power of ten that is not below `size`. */
function niceStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5].find((factor) => factor * power >= size * 0.999) ?? 10) * power;
}

/** The path of a line through points in pixels. */
export function path(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}

/** The outline of a band between two lines of the same abscissae, in pixels. */
export function bandPath(points: readonly (readonly [x: number, low: number, high: number])[]): string {
  const up = points.map(([x, , high]) => [x, high] as const);
  const down = points.map(([x, low]) => [x, low] as const).reverse();
  return points.length === 0 ? '' : `${path([...up, ...down])}Z`;
}
