import { Draws } from '@neuroprint/core';
import { dot } from '@neuroprint/numeric';
import type { Fault } from '../faults/fault.ts';
import { ShiftedNormal } from './dense.ts';
import type { Diagnosis, DiagnosisRequest } from './diagnose.ts';
import { hypothesis } from './hypothesis.ts';
import type { Latent } from './latent.ts';
import type { SheetCells } from './model.ts';

/** What a candidate expects of a measurement that was not made. */
interface Expectation {
  readonly faults: readonly Fault[];
  readonly probability: number;
  readonly volts: number;
  /** Of what printing still leaves open once the sheet was measured, and of the meter. */
  readonly stdVolts: number;
}

/** The measurement that tells the leading candidates apart best. */
export interface NextMeasurement {
  readonly node: string;
  readonly inputVolts: readonly number[];
  /** Row of the sheet whose inputs these are; undefined: new ones. */
  readonly row: number | undefined;
  readonly expected: readonly Expectation[];
  /** The likeliest two that it tells apart, and how far, in standard deviations of their difference. */
  readonly apart: readonly [Expectation, Expectation];
  readonly sigmas: number;
}

/** Candidates that are worth telling apart, and how many at most. */
const LEAST_PROBABILITY = 0.01;
const MOST_LEADERS = 6;
/** Inputs that are looked at beside those of the sheet. */
const NEW_ROWS = 24;
/** Less than this tells nobody apart. */
const LEAST_SIGMAS = 2;
/** A measurement at inputs of the sheet is taken where new inputs would tell hardly more. */
const HARDLY_MORE = 1.02;

/**
 * The node and the input volts at which the leading candidates differ most: by the chance of mistaking one for another, each with what its
 * fit leaves open (Bhattacharyya's bound, weighted by their probabilities). Undefined where there are no two, or nothing tells them apart.
 */
export function nextMeasurement(
  request: Pick<DiagnosisRequest, 'flat' | 'sheet' | 'meterVolts'>,
  latent: Latent,
  { candidates, probabilityGood, good }: Pick<Diagnosis, 'candidates' | 'probabilityGood' | 'good'>,
): NextMeasurement | undefined {
  const { flat, sheet, meterVolts } = request;
  const leading = candidates.filter(({ probability }) => probability >= LEAST_PROBABILITY);
  const all = [
    ...leading,
    ...(probabilityGood >= LEAST_PROBABILITY ? [{ ...good, probability: probabilityGood }] : []),
  ];
  const leaders = all
    .flatMap(({ alike, probability, fit }) =>
      alike.map((faults) => ({ faults, probability: probability / alike.length, fit })),
    )
    .sort((a, b) => b.probability - a.probability)
    .slice(0, MOST_LEADERS);
  if (leaders.length < 2) return undefined;
  const probe = probeSheet(flat.unknowns, sheet, flat.technology.inputVolts);
  const q = latent.count;
  const expectations = leaders.map(({ faults, fit }) => {
    const measured = hypothesis(flat, latent, sheet, faults).model;
    const [count, m] = [probe.cells.length, sheet.cells.length];
    const jacobian = new Float64Array(m * q);
    const [volts, slopes] = [new Float64Array(count), new Float64Array(count * q)];
    if (!measured.at(fit.z, new Float64Array(m), jacobian)) return undefined;
    if (!hypothesis(flat, latent, probe, faults).model.at(fit.z, volts, slopes)) return undefined;
    const posterior = new ShiftedNormal(
      jacobian.map((slope) => slope / meterVolts),
      m,
      q,
      1,
    );
    const variance = Float64Array.from({ length: count }, (_, c) => {
      const slope = slopes.slice(c * q, (c + 1) * q);
      return dot(slope, posterior.solve(slope)) + meterVolts ** 2;
    });
    return { volts, variance };
  });
  if (expectations.some((one) => one === undefined)) return undefined;
  const known = expectations as readonly { readonly volts: Float64Array; readonly variance: Float64Array }[];
  const worth = probe.cells.map(({ row }, c) => {
    let sum = 0;
    for (let a = 0; a < known.length; a += 1)
      for (let b = 0; b < a; b += 1)
        sum += leaders[a]!.probability * leaders[b]!.probability * (1 - overlap(known[a]!, known[b]!, c));
    return row < sheet.rows ? HARDLY_MORE * sum : sum;
  });
  const best = worth.indexOf(Math.max(...worth));
  const expected = leaders.map(({ faults, probability }, k) => ({
    faults,
    probability,
    volts: known[k]!.volts[best]!,
    stdVolts: Math.sqrt(known[k]!.variance[best]!),
  }));
  const pairs = expected.flatMap((one, a) =>
    expected.slice(a + 1).map((other) => {
      const sigmas = Math.abs(one.volts - other.volts) / Math.hypot(one.stdVolts, other.stdVolts);
      return { apart: [one, other] as const, sigmas, weight: one.probability * other.probability };
    }),
  );
  const told = pairs.filter(({ sigmas }) => sigmas >= LEAST_SIGMAS).sort((a, b) => b.weight - a.weight)[0];
  if (told === undefined) return undefined;
  const { row, node } = probe.cells[best]!;
  const inputs = flat.inputs.length;
  return {
    node,
    inputVolts: [...probe.inputVolts.subarray(row * inputs, (row + 1) * inputs)],
    row: row < sheet.rows ? row : undefined,
    expected,
    apart: told.apart,
    sigmas: told.sigmas,
  };
}

/** Every node at the inputs of the sheet and at new ones, in the technology's range to hundredths of it. */
function probeSheet(
  nodes: readonly string[],
  { inputVolts, rows }: SheetCells,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): SheetCells {
  const draws = new Draws(0, 'inputs of the next measurement');
  const inputs = inputVolts.length / rows;
  const fresh = Array.from(
    { length: NEW_ROWS * inputs },
    (_, i) => minimum + ((maximum - minimum) * Math.round(100 * draws.uniform(0, i))) / 100,
  );
  const all = rows + NEW_ROWS;
  return {
    inputVolts: Float64Array.of(...inputVolts, ...fresh),
    rows: all,
    cells: Array.from({ length: all }, (_, row) => nodes.map((node) => ({ row, node }))).flat(),
  };
}

/** Bhattacharyya's coefficient of two normal laws: 1 where they are the same, 0 where they never meet. */
function overlap(
  a: { readonly volts: Float64Array; readonly variance: Float64Array },
  b: { readonly volts: Float64Array; readonly variance: Float64Array },
  c: number,
): number {
  const sum = a.variance[c]! + b.variance[c]!;
  const distance = (a.volts[c]! - b.volts[c]!) ** 2 / (4 * sum);
  return Math.sqrt((2 * Math.sqrt(a.variance[c]! * b.variance[c]!)) / sum) * Math.exp(-distance);
}
