import { derive } from './derive.ts';
import { type CompiledLaw, compileNodes } from './evaluate.ts';
import { inOrder, type Node, symbolsOf } from './graph.ts';
import { type Law, LawError } from './law.ts';

/** Where a law has to hold: volts of every node between these, one device's size, degrees Celsius. */
export interface LawRange {
  readonly lowVolts: number;
  readonly highVolts: number;
  readonly width: number;
  readonly length: number;
  readonly celsius: number;
}

/** Points along each of the three voltages. */
const POINTS = 13;
/** Halvings of an interval at whose ends a quantity has two signs. */
const HALVINGS = 60;
/** A step of value or derivative counts as one when it is more than this share of the largest. */
const SMALLEST_STEP = 1e-6;
const VOLTS = ['vg', 'vd', 'vs'] as const;

type Point = [vg: number, vd: number, vs: number];

/**
 * Looks at current and derivatives over the range, on a grid that holds equal voltages and zero, and at both sides of every place
 * where min, max, abs or a division changes over. Throws LawError where a value is not finite, current or derivative make a step, or
 * a current flows without a drain voltage.
 */
export function checkLaw(law: Law, parameters: ArrayLike<number>, range: LawRange): void {
  const roots = [law.current, ...VOLTS.map((name) => derive(law.graph, law.current, name))];
  const switches = switchesOf(law, roots);
  const evaluate = at(compileNodes(roots, law.parameterNames), parameters, range, roots.length);
  const turning = at(compileNodes(switches, law.parameterNames), parameters, range, switches.length);
  const { lowVolts: low, highVolts: high } = range;
  const volts = [...new Set([...Array.from({ length: POINTS }, (_, i) => low + ((high - low) * i) / (POINTS - 1)), 0])]
    .filter((v) => v >= low && v <= high)
    .sort((a, b) => a - b);
  const points = volts.flatMap((vg) => volts.flatMap((vd) => volts.map((vs): Point => [vg, vd, vs])));
  const largest = new Float64Array(roots.length);
  for (const point of points) {
    const values = evaluate(point);
    if (!values.every(Number.isFinite)) refuseNumber(law, parameters, range, point, values);
    for (let i = 0; i < values.length; i += 1) largest[i] = Math.max(largest[i]!, Math.abs(values[i]!));
  }
  if (largest[0] === 0) throw new LawError('drainAmperes', undefined, `no current flows between ${low} and ${high} V`);
  for (const vg of volts)
    for (const v of volts)
      if (Math.abs(evaluate([vg, v, v])[0]!) > SMALLEST_STEP * largest[0]!)
        throw new LawError(
          'drainAmperes',
          undefined,
          `a current flows without a drain voltage, at ${inWords([vg, v, v])}`,
          'Write it so that it is 0 where vd = vs.',
        );
  const isBelow = points.map((point) => Uint8Array.from(turning(point), (value) => (value < 0 ? 1 : 0)));
  const count = volts.length;
  // points stand in the order of vg, vd, vs
  for (const [axis, apart] of [count * count, count, 1].entries())
    for (const [i, point] of points.entries()) {
      if (Math.floor(i / apart) % count === count - 1) continue;
      const [before, after, other] = [isBelow[i]!, isBelow[i + apart]!, points[i + apart]!];
      for (let k = 0; k < switches.length; k += 1)
        if (before[k] !== after[k]) {
          const [left, right] = crossing(turning, k, point, other, axis);
          checkStep(evaluate(left).slice(), evaluate(right), largest, left);
        }
    }
}

/** What min, max, abs and divisions change over at: quantities that are 0 there. */
function switchesOf({ graph }: Law, roots: readonly Node[]): Node[] {
  const found = inOrder(roots).flatMap(({ op, of: [a, b] }) => {
    if (op === 'min' || op === 'max' || op === 'ifless') return [graph.sub(a!, b!)];
    if (op === 'abs') return [a!];
    return op === 'div' ? [b!] : [];
  });
  return [...new Set(found)].filter((node) => VOLTS.some((name) => symbolsOf(node).has(name)));
}

function at(
  compiled: CompiledLaw,
  parameters: ArrayLike<number>,
  { width, length, celsius }: LawRange,
  count: number,
): (point: Point) => Float64Array {
  const out = new Float64Array(count);
  return ([vg, vd, vs]) => {
    compiled(vg, vd, vs, width, length, celsius, parameters, out);
    return out;
  };
}

/** Two neighbouring points on either side of where a quantity changes its sign. */
function crossing(
  turning: (point: Point) => Float64Array,
  k: number,
  from: Point,
  to: Point,
  axis: number,
): [Point, Point] {
  let [left, right] = [from, to];
  const isLow = turning(from)[k]! < 0;
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = left.with(axis, 0.5 * (left[axis]! + right[axis]!)) as Point;
    if (turning(middle)[k]! < 0 === isLow) left = middle;
    else right = middle;
  }
  return [left, right];
}

function checkStep(left: Float64Array, right: Float64Array, largest: Float64Array, point: Point): void {
  for (let i = 0; i < left.length; i += 1) {
    const step = Math.abs(right[i]! - left[i]!);
    if (step <= SMALLEST_STEP * largest[i]!) continue;
    const what = i === 0 ? 'current' : `derivative by ${VOLTS[i - 1]}`;
    throw new LawError(
      'drainAmperes',
      undefined,
      `the ${what} is not continuous at ${inWords(point)}: it goes from ${left[i]!.toPrecision(4)} to ${right[i]!.toPrecision(4)}`,
      'Newton needs a current with a continuous derivative: round the corner, as sqrt(x^2 + eps) does for abs(x).',
    );
  }
}

function refuseNumber(
  law: Law,
  parameters: ArrayLike<number>,
  range: LawRange,
  point: Point,
  values: Float64Array,
): never {
  const nodes = law.quantities.map(([, node]) => node);
  const found = at(compileNodes(nodes, law.parameterNames), parameters, range, nodes.length)(point);
  const k = found.findIndex((value) => !Number.isFinite(value));
  const where = k < 0 ? 'drainAmperes' : `let.${law.quantities[k]![0]}`;
  const i = values.findIndex((value) => !Number.isFinite(value));
  const what =
    k >= 0 ? `is ${found[k]}` : `the ${i === 0 ? 'current' : `derivative by ${VOLTS[i - 1]}`} is ${values[i]}`;
  throw new LawError(
    where,
    undefined,
    `${what} at ${inWords(point)}`,
    'The law has to be finite over the whole range of voltages.',
  );
}

function inWords([vg, vd, vs]: Point): string {
  const [gate, drain, source] = [vg, vd, vs].map((v) => (Math.abs(v) < 1e-9 ? 0 : Number(v.toPrecision(6))));
  return `vg = ${gate}, vd = ${drain}, vs = ${source} V`;
}
