import type { FlatCircuit } from '../../ir/flatten.ts';
import { LAW_LIBRARY } from '../../law/library.ts';
import type { TransistorKind } from '../../technology/transistor.ts';

interface TransistorCard {
  readonly currentAmperes: number;
  readonly thresholdVolts: number;
  readonly slopeVolts: number;
  readonly exponent: number;
  readonly modulationPerVolt: number;
  readonly smoothingVoltsSquared: number;
}

const cards = new WeakMap<TransistorKind, TransistorCard>();

/** The card of a circuit whose transistors are of one kind and follow the law that the kernel knows; undefined otherwise. */
export function kernelCard({ transistors, technology }: FlatCircuit): TransistorCard | undefined {
  const models = new Set(transistors.map(({ model }) => model));
  if (models.size > 1 || transistors.some(({ parameters }) => parameters.length > 0)) return undefined;
  const kind = technology.transistors[[...models][0] ?? Object.keys(technology.transistors)[0]!]!;
  const { text } = LAW_LIBRARY.ekv;
  const { let: quantities, drainAmperes } = kind.law.text;
  if (kind.polarity !== 'n' || drainAmperes !== text.drainAmperes) return undefined;
  if (JSON.stringify(quantities) !== JSON.stringify(text.let)) return undefined;
  let card = cards.get(kind);
  if (card === undefined) {
    const value = (name: string): number => kind.parameters[kind.law.parameterNames.indexOf(name)]!;
    card = {
      ...{ currentAmperes: value('i0'), thresholdVolts: value('vth'), slopeVolts: value('phi') },
      ...{ exponent: value('gamma'), modulationPerVolt: value('lambda'), smoothingVoltsSquared: value('eps') },
    };
    cards.set(kind, card);
  }
  return card;
}

/** Coefficients of an interval, lowest first. */
const DEGREE = 7;
const TERMS = DEGREE + 1;
/** Below this x the current is less than 1e-29 of I0 and counts as none. */
const LOWEST_X = -46;
/** How exact the polynomials are, as a share of F. */
const RELATIVE_ERROR = 1e-12;

/**
 * F(x) = ln(1 + eˣ)^γ of the drain current as piecewise polynomials: interval n covers n − ½ to n + ½ of place = scale·v + offset,
 * where v is a gate's voltage above source or drain. A look-up costs a fifth of two logarithms and two exponentials.
 */
export interface CurrentTable {
  /** Row-major [intervals × 8], powers of the distance from the interval's middle. */
  readonly coefficients: Float64Array;
  readonly intervals: number;
  readonly scale: number;
  readonly offset: number;
}

/** Tables by card and volts: a circuit whose topology changes is planned anew many times. */
const tables = new WeakMap<TransistorCard, Map<number, CurrentTable>>();

/** The table for gates up to `volts` above their source. */
export function currentTable(card: TransistorCard, volts: number): CurrentTable {
  const known = tables.get(card) ?? new Map<number, CurrentTable>();
  tables.set(card, known);
  const table = known.get(volts) ?? makeTable(card, volts);
  known.set(volts, table);
  return table;
}

function makeTable(card: TransistorCard, volts: number): CurrentTable {
  const { slopeVolts, exponent, thresholdVolts } = card;
  const perUnit = intervalsPerUnit(exponent);
  const highest = Math.max(1, (volts - thresholdVolts) / slopeVolts);
  const intervals = Math.ceil((highest - LOWEST_X) * perUnit) + 2;
  const coefficients = new Float64Array(intervals * TERMS);
  for (let n = 0; n < intervals; n += 1) {
    const interval = polynomial((t) => softplusPower(LOWEST_X + (n + t) / perUnit, exponent));
    coefficients.set(interval, n * TERMS);
  }
  return {
    coefficients,
    intervals,
    scale: perUnit / slopeVolts,
    offset: (-thresholdVolts / slopeVolts - LOWEST_X) * perUnit,
  };
}

/** Where x is small F is e^(γx), whose interpolation at 8 Chebyshev points errs by 2·(γ·h/4)⁸/8! over an interval of width h. */
function intervalsPerUnit(exponent: number): number {
  let perUnit = 4;
  while ((2 * (exponent / perUnit / 4) ** TERMS) / 40320 > RELATIVE_ERROR) perUnit *= 2;
  return perUnit;
}

function softplusPower(x: number, exponent: number): number {
  return Math.exp(exponent * Math.log(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))));
}

/** Interpolates f over −½..½ at the Chebyshev points; returns the powers' coefficients. */
function polynomial(f: (t: number) => number): Float64Array {
  const at = Float64Array.from({ length: TERMS }, (_, j) => Math.cos((Math.PI * (j + 0.5)) / TERMS));
  const values = at.map((s) => f(0.5 * s));
  const powers = new Float64Array(TERMS);
  // T₀ = 1, T₁ = s, T₍k₊₁₎ = 2s·T_k − T₍k₋₁₎ with s = 2t, as coefficients of t
  let before = new Float64Array(TERMS);
  let current = new Float64Array(TERMS);
  current[0] = 1;
  for (let k = 0; k < TERMS; k += 1) {
    let sum = 0;
    for (let j = 0; j < TERMS; j += 1) sum += values[j]! * Math.cos((Math.PI * k * (j + 0.5)) / TERMS);
    const share = (sum * (k === 0 ? 1 : 2)) / TERMS;
    for (let i = 0; i < TERMS; i += 1) powers[i]! += share * current[i]!;
    const next = current.map((_, i) => (i === 0 ? 0 : (k === 0 ? 2 : 4) * current[i - 1]!) - before[i]!);
    before = current;
    current = next;
  }
  return powers;
}
