import { UsageError } from '../files/errors.ts';
import { Draws } from '../random.ts';

/** A table made by a rule, ready to be written as CSV; `rows` hold the features, `labels` the class or the target of each. */
export interface GeneratedTable {
  readonly featureNames: readonly string[];
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly string[];
  /** Name of the column of the labels; default label. */
  readonly labelName?: 'label' | 'target';
}

export interface GeneratedOptions {
  /** Rows to make, 1 or more. */
  readonly rows: number;
  readonly seed: number;
}

const CLASSES = ['yin', 'yang', 'dot'] as const;

/**
 * Yin-Yang (Kriener, Göltz and Petrovici, "The Yin-Yang dataset", NICE 2022): points of a disc of radius `bigRadius` in the
 * unit square, with two dots of radius `smallRadius`. The class of a row is drawn first, then points until one has it, so that
 * classes are as frequent. Features are x, y and their complements 1 − x, 1 − y. Throws UsageError for radii without dots.
 */
export function yinYang(
  options: GeneratedOptions & { readonly bigRadius?: number; readonly smallRadius?: number },
): GeneratedTable {
  const { bigRadius = 0.5, smallRadius = 0.1 } = options;
  if (!(bigRadius > 0 && bigRadius <= 0.5 && smallRadius > 0 && smallRadius < 0.5 * bigRadius))
    throw new UsageError(
      `The radii are ${bigRadius} and ${smallRadius}.`,
      'The big one is at most 0.5, and the small one less than half of it.',
    );
  const random = new Draws(options.seed, 'yin-yang');
  const table = counted(options.rows, (row) => {
    const wanted = CLASSES[Math.floor(3 * random.uniform(row, 0))]!;
    for (let attempt = 1; ; attempt += 1) {
      const x = 2 * bigRadius * random.uniform(row, 2 * attempt);
      const y = 2 * bigRadius * random.uniform(row, 2 * attempt + 1);
      if (Math.hypot(x - bigRadius, y - bigRadius) > bigRadius) continue;
      if (yinYangClass(x, y, bigRadius, smallRadius) === wanted) return { row: [x, y, 1 - x, 1 - y], label: wanted };
    }
  });
  return { featureNames: ['x', 'y', 'x_complement', 'y_complement'], ...table };
}

/** The class of a point of the disc: the published conditions on the distances from the two dots. */
export function yinYangClass(x: number, y: number, bigRadius: number, smallRadius: number): (typeof CLASSES)[number] {
  const right = Math.hypot(x - 1.5 * bigRadius, y - bigRadius);
  const left = Math.hypot(x - 0.5 * bigRadius, y - bigRadius);
  if (right < smallRadius || left < smallRadius) return 'dot';
  const inside =
    right <= smallRadius ||
    (left > smallRadius && left <= 0.5 * bigRadius) ||
    (y > bigRadius && right > 0.5 * bigRadius);
  return inside ? 'yang' : 'yin';
}

/**
 * Circles, by the rule of scikit-learn's `make_circles`: half of the rows evenly on a circle of radius 1, the others on one of
 * radius `factor`, normal noise of standard deviation `noise` on both coordinates, shuffled. Throws UsageError for a factor
 * outside of 0..1 or negative noise.
 */
export function circles(
  options: GeneratedOptions & { readonly noise?: number; readonly factor?: number },
): GeneratedTable {
  const { rows, seed, noise = 0, factor = 0.8 } = options;
  if (!(factor > 0 && factor < 1)) throw new UsageError(`factor is ${factor}, and must be between 0 and 1.`);
  if (!(noise >= 0 && Number.isFinite(noise))) throw new UsageError(`noise is ${noise}, and must be 0 or more.`);
  const random = new Draws(seed, 'circles');
  const outer = Math.floor(rows / 2);
  const order = random.permutation(0, rows);
  const table = counted(rows, (row) => {
    const place = order[row]!;
    const isOuter = place < outer;
    const angle = isOuter ? place / outer : (place - outer) / (rows - outer);
    const radius = isOuter ? 1 : factor;
    return {
      row: [Math.cos, Math.sin].map((f, k) => radius * f(2 * Math.PI * angle) + noise * random.normal(1 + k, place)),
      label: isOuter ? 'outer' : 'inner',
    };
  });
  return { featureNames: ['x', 'y'], ...table };
}

/**
 * Two moons, by the rule of scikit-learn's `make_moons`: half of the rows evenly on an upper half circle, the others on a
 * lower one through its middle, normal noise of standard deviation `noise` (default 0.1) on both coordinates, shuffled.
 * Throws UsageError for negative noise.
 */
export function moons(options: GeneratedOptions & { readonly noise?: number }): GeneratedTable {
  const { rows, seed, noise = 0.1 } = options;
  if (!(noise >= 0 && Number.isFinite(noise))) throw new UsageError(`noise is ${noise}, and must be 0 or more.`);
  const random = new Draws(seed, 'moons');
  const upper = Math.floor(rows / 2);
  const order = random.permutation(0, rows);
  const table = counted(rows, (row) => {
    const place = order[row]!;
    const isUpper = place < upper;
    const angle =
      Math.PI * (isUpper ? place / Math.max(1, upper - 1) : (place - upper) / Math.max(1, rows - upper - 1));
    const point = isUpper ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return {
      row: point.map((v, k) => v + noise * random.normal(1 + k, place)),
      label: isUpper ? 'upper' : 'lower',
    };
  });
  return { featureNames: ['x', 'y'], ...table };
}

/**
 * Friedman #1 (Friedman, "Multivariate adaptive regression splines", Annals of Statistics 1991), a regression table: ten features
 * uniform in 0..1, target = 10·sin(π·x0·x1) + 20·(x2 − 0.5)² + 10·x3 + 5·x4 + noise·z, z normal; the other five say nothing. Written
 * with four decimals. Throws UsageError for negative noise.
 */
export function friedman1(options: GeneratedOptions & { readonly noise?: number }): GeneratedTable {
  const { rows, seed, noise = 0 } = options;
  if (!(noise >= 0 && Number.isFinite(noise))) throw new UsageError(`noise is ${noise}, and must be 0 or more.`);
  const random = new Draws(seed, 'friedman1');
  const table = counted(rows, (at) => {
    const x = Array.from({ length: 10 }, (_, k) => Number(random.uniform(at, k).toFixed(4)));
    const [x0, x1, x2, x3, x4] = x as [number, number, number, number, number];
    const signal = 10 * Math.sin(Math.PI * x0 * x1) + 20 * (x2 - 0.5) ** 2 + 10 * x3 + 5 * x4;
    return { row: x, label: String(Number((signal + noise * random.normal(at, x.length)).toFixed(4))) };
  });
  return { featureNames: Array.from({ length: 10 }, (_, k) => `x${k}`), ...table, labelName: 'target' };
}

function counted(count: number, make: (row: number) => { readonly row: readonly number[]; readonly label: string }) {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`rows is ${count}, and must be a whole number of 1 or more.`);
  const made = Array.from({ length: count }, (_, row) => make(row));
  return { rows: made.map(({ row }) => row), labels: made.map(({ label }) => label) };
}

/** The table as CSV, the labels last, every digit of the numbers kept. */
export function generatedCsv(table: GeneratedTable): string {
  const lines = table.rows.map((row, i) => [...row.map(String), table.labels[i]!].join(','));
  return `${[[...table.featureNames, table.labelName ?? 'label'].join(','), ...lines].join('\n')}\n`;
}
