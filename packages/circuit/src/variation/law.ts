import type { Variation } from '@neuroprint/core';
import { normalQuantile } from '@neuroprint/numeric';

/** Factor of a conductance that is stuck: next to nothing flows through an open one, and a short one decides its node. */
export const OPEN_FACTOR = 1e-6;
const SHORT_FACTOR = 1e3;
/** Normal and Laplace numbers of stage components are cut off here, so that a trained network stays in what the surrogate knows. */
export const NORMAL_REACH = 3;
/** Random numbers of a sheet as a whole: drift of resistors, drift of transistors, direction of the gradient. */
export const SHEET_NUMBERS = 3;

/** No component has less left than an open circuit: the one place where what is drawn is held. */
export function atLeastOpen(factor: number): number {
  return Math.max(OPEN_FACTOR, factor);
}

/** The normal number of a uniform one, cut off at ±3. */
export function cutNormal(u: number): number {
  return Math.min(NORMAL_REACH, Math.max(-NORMAL_REACH, normalQuantile(Math.max(u, 2 ** -54))));
}

/** The factor of a component that varies by itself, 1 + s·(2u − 1), u uniform in 0..1. */
export function uniformFactor(spread: number, u: number): number {
  return atLeastOpen(1 + spread * (2 * u - 1));
}

/** What the components of one printed sheet have in common: the drift of resistors and of transistors, and a gradient. */
export interface SheetDrift {
  readonly drift: readonly [resistors: number, transistors: number];
  readonly along: number;
  readonly across: number;
}

/** A component as the law sees it: its spread, 0 for a resistor and 1 for a transistor, and its place on the sheet, −1..1. */
export interface Placed {
  readonly spread: number;
  readonly transistor: number;
  readonly x: number;
  readonly y: number;
}

const NO_DRIFT: SheetDrift = { drift: [0, 0], along: 0, across: 0 };

/**
 * How one printed component differs from the next, before stuck resistors and non-idealities: its value times 1 + s·v, or e^(s·v)
 * (`lognormal`), with v = √(1 − c − g)·own + √c·drift of its class + √g·gradient, every part of the same variance. Own and drift
 * are uniform in −1..1, or normal and cut off at ±3. Training, calibration, Monte Carlo and blame all have it from here.
 */
export class VariationLaw {
  readonly model: Variation;
  /** Whether sheets have something in common, so that `sheet` needs their numbers. */
  readonly hasSheets: boolean;
  /** Whether every factor is `uniformFactor`. */
  readonly isUniform: boolean;
  readonly #own: number;
  readonly #common: number;
  readonly #slope: number;

  constructor(model: Variation) {
    const { kind, commonShare = 0, gradientShare = 0 } = model;
    this.model = model;
    this.hasSheets = commonShare + gradientShare > 0;
    this.isUniform = kind === 'uniform' && !this.hasSheets;
    this.#own = Math.sqrt(1 - commonShare - gradientShare);
    this.#common = Math.sqrt(commonShare);
    this.#slope = Math.sqrt(gradientShare) * (kind === 'uniform' ? 1 : Math.sqrt(3));
  }

  /** s of the class; widths and lengths keep theirs beside measured parameters only where they were given one. */
  spread(transistor: number): number {
    const { resistorSpread, transistorSpread, relativeSpread, transistors } = this.model;
    if (transistor !== 1) return resistorSpread ?? relativeSpread;
    return transistorSpread ?? (transistors === 'measured' ? 0 : relativeSpread);
  }

  /** The sheet of SHEET_NUMBERS uniform numbers, which begin at `at`. */
  sheet(uniform: ArrayLike<number>, at = 0): SheetDrift {
    if (!this.hasSheets) return NO_DRIFT;
    const angle = 2 * Math.PI * uniform[at + 2]!;
    return {
      drift: [this.#number(uniform[at]!), this.#number(uniform[at + 1]!)],
      along: this.#slope * Math.cos(angle),
      across: this.#slope * Math.sin(angle),
    };
  }

  /** The factor of a component; `u` is its own uniform number. */
  factor(u: number, sheet: SheetDrift, { spread, transistor, x, y }: Placed): number {
    const change = spread * this.#change(u, sheet, transistor, x, y);
    return this.model.kind === 'lognormal' ? Math.exp(change) : atLeastOpen(1 + change);
  }

  /** ln of the same. */
  logFactor(u: number, sheet: SheetDrift, { spread, transistor, x, y }: Placed): number {
    const change = spread * this.#change(u, sheet, transistor, x, y);
    return this.model.kind === 'lognormal' ? change : Math.log(atLeastOpen(1 + change));
  }

  /** The factor of a crossbar resistor's conductance where it is stuck; `u` is a uniform number. */
  stuck(u: number): number | undefined {
    const { stuckOpen = 0, stuckShort = 0 } = this.model;
    return u < stuckOpen ? OPEN_FACTOR : u < stuckOpen + stuckShort ? SHORT_FACTOR : undefined;
  }

  get hasStuck(): boolean {
    return (this.model.stuckOpen ?? 0) + (this.model.stuckShort ?? 0) > 0;
  }

  #change(u: number, { drift, along, across }: SheetDrift, transistor: number, x: number, y: number): number {
    return this.#own * this.#number(u) + this.#common * drift[transistor]! + along * x + across * y;
  }

  #number(u: number): number {
    if (this.model.kind === 'uniform') return 2 * u - 1;
    return Math.min(NORMAL_REACH, Math.max(-NORMAL_REACH, normalQuantile(u)));
  }
}
