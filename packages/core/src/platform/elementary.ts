/**
 * exp, log, tanh and the like as results are defined by: by the method and the coefficients of fdlibm, which Node 20's engine takes. Other
 * engines round about a twentieth of the values otherwise in the last bit, and after a thousand epochs that is another network. Every
 * function here is additions, multiplications and divisions of float64 in a fixed order, which are the same everywhere.
 */
const number = new Float64Array(1);
const words = new Uint32Array(number.buffer); // low, high

/** The upper 32 bits, with the sign. */
function high(x: number): number {
  number[0] = x;
  return words[1]! | 0;
}

function withHigh(x: number, word: number): number {
  number[0] = x;
  words[1] = word;
  return number[0]!;
}

/** 2ᵏ, from −1022 to 1023. */
function power(k: number): number {
  words[0] = 0;
  words[1] = (k + 1023) << 20;
  return number[0]!;
}

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const ONE_BY_LN2 = Math.LOG2E;
const LARGEST = 709.782712893384;
const SMALLEST = -745.1332191019411;
/** Upper words of ln 2 / 2 and of 3 ln 2 / 2. */
const HALF_LN2 = 0x3fd62e42;
const THREE_HALVES_LN2 = 0x3ff0a2b2;

/** How many times ln 2 is in x, to the nearest; once where it is about that. */
function countLn2(x: number, size: number): number {
  if (size <= HALF_LN2) return 0;
  if (size < THREE_HALVES_LN2) return x < 0 ? -1 : 1;
  return Math.trunc(ONE_BY_LN2 * x + (x < 0 ? -0.5 : 0.5));
}

export function exp(x: number): number {
  const size = high(x) & 0x7fffffff;
  if (!(x <= LARGEST)) return x > LARGEST ? Number.POSITIVE_INFINITY : x;
  if (x < SMALLEST) return 0;
  if (x === 1) return Math.E;
  if (size < 0x3e300000) return 1 + x;
  const k = countLn2(x, size);
  const upper = x - k * LN2_HIGH;
  const lower = k * LN2_LOW;
  const r = k === 0 ? x : upper - lower;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  const y = 1 - (lower - (r * c) / (2 - c) - upper);
  if (k === 1024) return y * 2 * 2 ** 1023;
  return k >= -1021 ? y * power(k) : y * power(k + 1000) * 2 ** -1000;
}

const L = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
] as const;

export function log(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let k = 0;
  let scaled = x;
  let top = high(x);
  if (top < 0x00100000) {
    k = -54;
    scaled = x * 2 ** 54;
    top = high(scaled);
  }
  k += (top >> 20) - 1023;
  top &= 0xfffff;
  const carry = (top + 0x95f64) & 0x100000;
  const f = withHigh(scaled, top | (carry ^ 0x3ff00000)) - 1;
  k += carry >> 20;
  if ((0xfffff & (2 + top)) < 3) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + k * LN2_LOW;
    const rest = f * f * (0.5 - 0.3333333333333333 * f);
    return k === 0 ? f - rest : k * LN2_HIGH - (rest - k * LN2_LOW - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (L[1] + w * (L[3] + w * L[5]));
  const odd = z * (L[0] + w * (L[2] + w * (L[4] + w * L[6])));
  const rest = odd + even;
  if (((top - 0x6147a) | (0x6b851 - top)) > 0) {
    const half = 0.5 * f * f;
    return k === 0 ? f - (half - s * (half + rest)) : k * LN2_HIGH - (half - (s * (half + rest) + k * LN2_LOW) - f);
  }
  return k === 0 ? f - s * (f - rest) : k * LN2_HIGH - (s * (f - rest) - k * LN2_LOW - f);
}

export function log1p(x: number): number {
  const top = high(x);
  const size = top & 0x7fffffff;
  if (x === -1) return Number.NEGATIVE_INFINITY;
  if (!(x > -1)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (size < 0x3e200000) return size < 0x3c900000 ? x : x - x * x * 0.5;
  let k = 0;
  let f = x;
  let c = 0;
  let rough = 1;
  // between √½ and √2 nothing is taken out
  if (top >= 0x3fda827a || (top < 0 && top > (0xbfd2bec4 | 0))) {
    let u = x;
    if (top < 0x43400000) {
      u = 1 + x;
      k = (high(u) >> 20) - 1023;
      c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    } else k = (high(u) >> 20) - 1023;
    rough = high(u) & 0xfffff;
    if (rough < 0x6a09e) u = withHigh(u, rough | 0x3ff00000);
    else {
      k += 1;
      u = withHigh(u, rough | 0x3fe00000);
      rough = (0x100000 - rough) >> 2;
    }
    f = u - 1;
  }
  const half = 0.5 * f * f;
  if (rough === 0) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + (c + k * LN2_LOW);
    const rest = half * (1 - 0.6666666666666666 * f);
    return k === 0 ? f - rest : k * LN2_HIGH - (rest - (k * LN2_LOW + c) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const rest = z * (L[0] + z * (L[1] + z * (L[2] + z * (L[3] + z * (L[4] + z * (L[5] + z * L[6]))))));
  if (k === 0) return f - (half - s * (half + rest));
  return k * LN2_HIGH - (half - (s * (half + rest) + (k * LN2_LOW + c)) - f);
}

export function expm1(x: number): number {
  const size = high(x) & 0x7fffffff;
  if (!(x <= LARGEST)) return x > LARGEST ? Number.POSITIVE_INFINITY : x;
  if (size >= 0x4043687a && x < 0) return -1;
  if (size < 0x3c900000) return x;
  const k = countLn2(x, size);
  const upper = x - k * LN2_HIGH;
  const lower = k * LN2_LOW;
  const r = k === 0 ? x : upper - lower;
  const c = k === 0 ? 0 : upper - r - lower;
  const half = 0.5 * r;
  const square = r * half;
  const r1 =
    1 +
    square *
      (-0.03333333333333313 +
        square *
          (0.0015873015872548146 +
            square * (-7.93650757867488e-5 + square * (4.008217827329362e-6 + square * -2.0109921818362437e-7))));
  const t = 3 - r1 * half;
  const e = square * ((r1 - t) / (6 - r * t));
  if (k === 0) return r - (r * e - square);
  const d = r * (e - c) - c - square;
  if (k === -1) return 0.5 * (r - d) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (d - (r + 0.5)) : 1 + 2 * (r - d);
  if (k <= -2 || k > 56) {
    const y = 1 - (d - r);
    return (k === 1024 ? y * 2 * 2 ** 1023 : y * power(k)) - 1;
  }
  if (k < 20) return (1 - power(-k) - (d - r)) * power(k);
  return (r - (d + power(-k)) + 1) * power(k);
}

export function tanh(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = high(x) & 0x7fffffff;
  if (size < 0x3e300000) return x;
  if (size >= 0x40360000) return x < 0 ? -1 : 1;
  const t = expm1((size >= 0x3ff00000 ? 2 : -2) * Math.abs(x));
  const z = size >= 0x3ff00000 ? 1 - 2 / (t + 2) : -t / (t + 2);
  return x < 0 ? -z : z;
}

export function atanh(x: number): number {
  const size = Math.abs(x);
  if (!(size < 1)) return size === 1 ? x / 0 : Number.NaN;
  if (size < 2 ** -28) return x;
  const twice = size + size;
  const t = 0.5 * log1p(size < 0.5 ? twice + (twice * size) / (1 - size) : twice / (1 - size));
  return x < 0 ? -t : t;
}

const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21] as const;
const HALF_PI_REST = [6.077100506506192e-11, 2.0222662487959506e-21, 8.4784276603689e-32] as const;
/** Quarter of a turn, and what is beyond it by so many of them, in two numbers: [turns, upper, lower]. */
const reduced = new Float64Array(3);
/** From here on reduction would need hundreds of bits of π. */
const FAR = 2 ** 19 * (Math.PI / 2);

function reduce(x: number): void {
  const size = high(x) & 0x7fffffff;
  if (size <= 0x3fe921fb) {
    reduced[0] = 0;
    reduced[1] = x;
    reduced[2] = 0;
    return;
  }
  const t = Math.abs(x);
  const n = size < 0x4002d97c ? 1 : Math.trunc(t * 0.6366197723675814 + 0.5);
  let r = t - n * HALF_PI[0];
  let w = n * HALF_PI_REST[0];
  let upper = r - w;
  for (const [step, bits] of [16, 49].entries()) {
    if ((size >> 20) - ((high(upper) >> 20) & 0x7ff) <= bits) break;
    const before = r;
    w = n * HALF_PI[step + 1]!;
    r = before - w;
    w = n * HALF_PI_REST[step + 1]! - (before - r - w);
    upper = r - w;
  }
  const lower = r - upper - w;
  reduced[0] = x < 0 ? -n : n;
  reduced[1] = x < 0 ? -upper : upper;
  reduced[2] = x < 0 ? -lower : lower;
}

function sineNearZero(x: number, rest: number, isReduced: boolean): number {
  if ((high(x) & 0x7fffffff) < 0x3e400000) return x;
  const z = x * x;
  const v = z * x;
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 + z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  if (!isReduced) return x + v * (-0.16666666666666632 + z * r);
  return x - (z * (0.5 * rest - v * r) - rest - v * -0.16666666666666632);
}

function cosineNearZero(x: number, rest: number): number {
  const size = high(x) & 0x7fffffff;
  if (size < 0x3e400000) return 1;
  const z = x * x;
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (2.480158728947673e-5 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  if (size < 0x3fd33333) return 1 - (0.5 * z - (z * r - x * rest));
  const q = size > 0x3fe90000 ? 0.28125 : withHigh(0, size - 0x00200000);
  return 1 - q - (0.5 * z - q - (z * r - x * rest));
}

function turned(x: number, quarters: number, far: (x: number) => number): number {
  if (!(Math.abs(x) < FAR)) return far(x);
  reduce(x);
  const [n, upper, lower] = reduced as unknown as [number, number, number];
  const quarter = (n + quarters) & 3;
  const value = quarter & 1 ? cosineNearZero(upper, lower) : sineNearZero(upper, lower, n !== 0);
  return quarter & 2 ? -value : value;
}

const { sin: farSine, cos: farCosine } = Math;

export function sin(x: number): number {
  return turned(x, 0, farSine);
}

export function cos(x: number): number {
  return turned(x, 1, farCosine);
}

const OWN = { exp, log, log1p, expm1, tanh, atanh, sin, cos };
/** So many arguments of each find out an engine that rounds otherwise. */
const PROBES = 256;

/** Puts them in the place of the engine's own where it rounds otherwise, in this thread. */
export function installElementary(): void {
  for (const [name, own] of Object.entries(OWN) as [keyof typeof OWN, (x: number) => number][])
    for (let i = 1; i <= PROBES; i += 1) {
      const x = (i * Math.SQRT2) / (name === 'atanh' ? 400 : 10);
      if (own(x) === Math[name](x)) continue;
      Object.assign(Math, OWN);
      return;
    }
}
