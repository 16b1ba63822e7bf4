/** A device in the law of those who publish the shared curves, as their inputs load it. */
interface PublishedCard {
  readonly vtho: number;
  readonly delta: number;
  readonly n: number;
  readonly l: number;
  readonly lambda: number;
  readonly vcrit: number;
  /** Amperes per centimetre of width. */
  readonly jth: number;
  readonly ohms: number;
  /** Of the transfer curves, by rising drain volts. */
  readonly leakAmperes: readonly number[];
}

/** github.com/RodrigoSantosB/Model_OTFT, inputs/tipo p/inputs_Org2_SB.json (630df00), inputs_Org3_SB.json and inputs_Org4_SB.json (698a539). */
export const PUBLISHED: Readonly<Record<string, PublishedCard>> = {
  p1: {
    ...{ vtho: 8.44, delta: 0.0032, n: 57.4, l: 2.14, lambda: 3010, vcrit: 15.8, jth: 5.68e-6, ohms: 1e4 },
    leakAmperes: [4e-10, 3e-9],
  },
  p2: {
    ...{ vtho: 5.53, delta: 0.0029, n: 5.14, l: 2.4, lambda: 586, vcrit: 14.7, jth: 4e-7, ohms: 3.13e3 },
    leakAmperes: [1e-14],
  },
  p3: {
    ...{ vtho: 10, delta: 0, n: 50, l: 2.73, lambda: 4790, vcrit: 36.2, jth: 9.69e-6, ohms: 4.18e4 },
    leakAmperes: [2e-11],
  },
};

const THERMAL_VOLTS = 8.617e-5 * 298;
const WIDTH_CENTIMETRES = 0.1;

/**
 * The drain current of their virtual-source model (README of github.com/RodrigoSantosB/Model_OTFT) in amperes, n-type volts, vd ≥ 0:
 * charge J·ln(1 + e^…)ˡ times the saturation of a long channel, behind a resistance in source and drain; by halving an interval.
 */
export function publishedAmperes(card: PublishedCard, vg: number, vd: number): number {
  if (vd <= 0) return 0;
  const through = (i: number): number => channel(card, vg - i * card.ohms, vd - 2 * i * card.ohms);
  let [low, high] = [0, through(0)];
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (through(middle) > middle) low = middle;
    else high = middle;
  }
  return low;
}

function channel({ vtho, delta, n, l, lambda, vcrit, jth }: PublishedCard, vgs: number, vds: number): number {
  if (vds <= 0) return 0;
  const open = n * THERMAL_VOLTS;
  const theta = (vgs - vtho - delta * vds) / open;
  const charge = Math.max(theta, 0) + Math.log1p(Math.exp(-Math.abs(theta)));
  const over = open * charge;
  const saturation = (2 * over) / (1 + Math.sqrt((2 * over) / vcrit));
  const y = saturation / THERMAL_VOLTS;
  const eta = 1 - Math.tanh(vds / saturation);
  // of a channel without charge, where both are 0, it is 1
  const inverse = y < 1e-3 ? 1 : (y * y * (1 - eta * eta)) / (2 * (Math.exp(y * (eta - 1)) * (1 - y * eta) - (1 - y)));
  const critical = 1 / (1 + (2 * lambda) / inverse);
  const cold = Math.exp(-vds / THERMAL_VOLTS);
  return WIDTH_CENTIMETRES * jth * charge ** l * ((critical * (1 - cold)) / (1 + critical * cold));
}
