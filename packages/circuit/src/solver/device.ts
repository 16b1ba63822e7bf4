import type { TransistorCard } from '../technology/technology.ts';

/**
 * Static drain current of a printed n-type electrolyte-gated transistor; the gate draws none:
 *
 *   I = I0·(W/L)·(F(u) − F(w))·(1 + λ·√(Vds² + ε)),  F(x) = ln(1 + eˣ)^γ,
 *   u = (Vg − Vs − Vth)/φ,  w = (Vg − Vd − Vth)/φ
 *
 * A smooth interpolation after Enz, Krummenacher and Vittoz (1995) with a free exponent γ.
 */
export interface DrainCurrent {
  /** Current from drain to source in amperes for W/L = 1. */
  amperes: number;
  /** Derivatives by gate and drain voltage in siemens for W/L = 1; by source voltage it is minus their sum. */
  byGate: number;
  byDrain: number;
}

let power = 0;
let powerSlope = 0;

/** F(x) and F′(x) into `power` and `powerSlope`; exact in both tails. */
function softplusPower(x: number, exponent: number): void {
  const e = Math.exp(-Math.abs(x));
  const softplus = Math.max(x, 0) + Math.log1p(e);
  if (softplus === 0) {
    power = 0;
    powerSlope = 0;
    return;
  }
  const partial = Math.exp((exponent - 1) * Math.log(softplus));
  power = partial * softplus;
  powerSlope = (exponent * partial * (x > 0 ? 1 : e)) / (1 + e);
}

/** Writes the current and its derivatives for W/L = 1 into `out` (no allocation: this is the inner loop of the solver). */
export function drainCurrent(
  card: TransistorCard,
  gate: number,
  drain: number,
  source: number,
  out: DrainCurrent,
): void {
  const { slopeVolts, exponent, modulationPerVolt } = card;
  softplusPower((gate - source - card.thresholdVolts) / slopeVolts, exponent);
  const forward = power;
  const forwardSlope = powerSlope;
  softplusPower((gate - drain - card.thresholdVolts) / slopeVolts, exponent);
  const difference = forward - power;
  const drainSource = drain - source;
  const root = Math.sqrt(drainSource * drainSource + card.smoothingVoltsSquared);
  const modulation = 1 + modulationPerVolt * root;
  const scale = card.currentAmperes;
  out.amperes = scale * difference * modulation;
  out.byGate = (scale * (forwardSlope - powerSlope) * modulation) / slopeVolts;
  out.byDrain =
    scale * ((powerSlope * modulation) / slopeVolts + (difference * modulationPerVolt * drainSource) / root);
}
