import type { Draws, SeriesPart, Variation } from '@neuroprint/core';
import { normalQuantile } from '@neuroprint/numeric';
import { seriesAmplitude, seriesParts } from './model.ts';

/** Waves of a smooth curve: of Gaussian-smoothed noise the ninth would have 0.2 % of the first one's amplitude. */
export const WAVES = 8;
/** A curve repeats after so many times the bias volts: from ground to the bias, and three widths of the smoothing on either side. */
export const WAVE_PERIOD = 1.6;
/** Width (standard deviation) of the smoothing: a tenth of the bias. */
const WIDTH = 0.1;
/** Numbers of a curve: the mean, then factors of cos and sin of each wave. */
export const CURVE_LENGTH = 1 + 2 * WAVES;
/** Where from ground to the bias the smallest and the largest value of a curve are looked for. */
const PLACES = 51;
/** Random numbers of the parts begin here in a copy's draws, so far apart. */
const NUMBERS_OF_PART = 2 ** 28;

const WEIGHTS = Float64Array.from({ length: WAVES }, (_, k) =>
  Math.exp(-0.5 * ((2 * Math.PI * (k + 1) * WIDTH) / WAVE_PERIOD) ** 2),
);
/** cos and sin of every wave at every place. */
const BASIS = Float64Array.from({ length: 2 * WAVES * PLACES }, (_, i) => {
  const [place, k] = [Math.floor(i / (2 * WAVES)), i % (2 * WAVES)];
  const angle = (2 * Math.PI * ((k >> 1) + 1) * (place / (PLACES - 1))) / WAVE_PERIOD;
  return k % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
});

/** What one printed copy has in series with the outputs of its stages, stage by stage in the circuit's order. */
export interface SeriesVolts {
  /** Numbers of the curve e(v_in) of every stage [stages × CURVE_LENGTH]; see curveAt. */
  readonly curves: Float64Array;
  /** Volts over which a curve repeats. */
  readonly periodVolts: number;
  /** No source has more volts than this. */
  readonly reachVolts: number;
  /** Writes the volts of every stage that do not depend on its input, at a row of the table. */
  atRow(row: number, out: Float64Array): void;
}

/** e(v) = c₀ + Σ_m c_(2m−1)·cos(2πmv/P) + c_2m·sin(2πmv/P) in volts, and de/dv. `at` is where the curve's numbers begin, P `periodVolts`. */
export function curveAt(
  { curves, periodVolts }: Pick<SeriesVolts, 'curves' | 'periodVolts'>,
  at: number,
  volts: number,
  out: { volts: number; slope: number },
): void {
  const unit = (2 * Math.PI) / periodVolts;
  const [cos1, sin1] = [Math.cos(unit * volts), Math.sin(unit * volts)];
  let [cos, sin, value, slope] = [1, 0, curves[at]!, 0];
  for (let m = 1; m <= WAVES; m += 1) {
    [cos, sin] = [cos * cos1 - sin * sin1, sin * cos1 + cos * sin1];
    const [a, b] = [curves[at + 2 * m - 1]!, curves[at + 2 * m]!];
    value += a * cos + b * sin;
    slope += unit * m * (b * cos - a * sin);
  }
  out.volts = value;
  out.slope = slope;
}

/** The curve of a stage; none where `series` is undefined. */
export function seriesVoltsAt(
  series: SeriesVolts | undefined,
  stage: number,
  volts: number,
  out: { volts: number; slope: number },
): void {
  if (series === undefined) {
    out.volts = 0;
    out.slope = 0;
  } else curveAt(series, stage * CURVE_LENGTH, volts, out);
}

/**
 * Adds A·(Rands(v) − ½) to the curve at `at`: white noise smoothed by a Gaussian of a tenth of the bias, as its Fourier series,
 * stretched so that Rands is 0 at its lowest and 1 at its highest value from ground to the bias. `uniform(k)` gives number k of 2·WAVES, each in 0..1.
 */
export function addSmoothCurve(volts: number, uniform: (k: number) => number, curves: Float64Array, at: number): void {
  const wave = new Float64Array(2 * WAVES);
  // a number of exactly 0 would be infinitely far out
  for (let k = 0; k < wave.length; k += 1) wave[k] = WEIGHTS[k >> 1]! * normalQuantile(Math.max(uniform(k), 2 ** -54));
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let place = 0; place < PLACES; place += 1) {
    let value = 0;
    for (let k = 0; k < wave.length; k += 1) value += wave[k]! * BASIS[place * wave.length + k]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = volts / (high - low);
  curves[at]! -= scale * low + 0.5 * volts;
  for (let k = 0; k < wave.length; k += 1) curves[at + 1 + k]! += scale * wave[k]!;
}

/** What of a flat circuit decides its sources: how many stages it has, and its bias. */
export interface SeriesPlaces {
  readonly sources: { readonly length: number };
  readonly technology: { readonly bias: { readonly volts: number } };
}

/** Whether copies under this variation have sources in series with their stages: then circuits are flattened with them. */
export function hasSeries(variation: number | Variation): boolean {
  return seriesParts(variation).length > 0;
}

/**
 * The sources of copy `index` of a circuit, from numbers of `draws` that its component values leave free;
 * undefined where the variation has no such part. The same volts whoever asks, for whatever rows.
 */
export function drawSeries(
  { sources, technology }: SeriesPlaces,
  draws: Draws,
  index: number,
  variation: number | Variation,
): SeriesVolts | undefined {
  const parts = seriesParts(variation);
  if (parts.length === 0) return undefined;
  const stages = sources.length;
  const biasVolts = technology.bias.volts;
  const curves = new Float64Array(stages * CURVE_LENGTH);
  const noises: { readonly volts: number; readonly first: number }[] = [];
  parts.forEach((part: SeriesPart, p) => {
    const first = (p + 1) * NUMBERS_OF_PART;
    const volts = seriesAmplitude(part, biasVolts);
    if (part.kind === 'noise') noises.push({ volts, first });
    else
      for (let s = 0; s < stages; s += 1)
        addSmoothCurve(volts, (k) => draws.uniform(index, first + s * 2 * WAVES + k), curves, s * CURVE_LENGTH);
  });
  let reachVolts = 0;
  for (let s = 0; s < stages; s += 1) {
    const own = curves.subarray(s * CURVE_LENGTH, (s + 1) * CURVE_LENGTH);
    reachVolts = Math.max(
      reachVolts,
      own.reduce((sum, c) => sum + Math.abs(c), 0),
    );
  }
  return {
    curves,
    periodVolts: WAVE_PERIOD * biasVolts,
    reachVolts: noises.reduce((sum, { volts }) => sum + 0.5 * volts, reachVolts),
    atRow: (row, out) => {
      out.fill(0);
      for (const { volts, first } of noises)
        for (let s = 0; s < stages; s += 1) out[s]! += volts * (draws.uniform(index, first + row * stages + s) - 0.5);
    },
  };
}
