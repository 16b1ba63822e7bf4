import type { Calibration, Circuit, Rung, TrainedNetwork } from '@neuroprint/core';
import type { Files, PassContext } from './context.ts';
import type { Layered } from './layered.ts';
import type { Rounds } from './rounds.ts';

/** What passes take and give, from the network to print. */
export interface Representations {
  readonly network: TrainedNetwork;
  /** Its values as they were trained, one stage to a place. */
  readonly layered: Layered;
  /** The same, every resistance within the printable range: from here on there is a circuit to measure. */
  readonly scaled: Layered;
  /** Every device named. */
  readonly circuit: Circuit;
  readonly files: Files;
}
type Representation = keyof Representations;

export interface PassResult<T> {
  /** Undefined where the pass does not apply; what it was given then goes on as it is. */
  readonly output: T | undefined;
  /** What the pass did, in words. */
  readonly note: string;
  /** How many values, devices or files it changed or made. */
  readonly changed: number;
  readonly calibration?: Calibration;
}

interface Step<From extends Representation, To extends Representation> {
  readonly name: string;
  readonly from: From;
  readonly to: To;
  /** Throws, with layer, row and column, where the output is not what the next pass needs. */
  check(output: Representations[To], context: PassContext, input: Representations[From]): void;
  /** The rungs of the error ladder that the output stands for. */
  rungs(output: Representations[To], context: PassContext): Rung[];
}

/** A step that is done at once. */
export interface PlainPass<From extends Representation, To extends Representation> extends Step<From, To> {
  run(input: Representations[From], context: PassContext): PassResult<Representations[To]>;
}

/** A step whose work goes on in rounds, here or in threads. */
export interface RoundsPass<From extends Representation, To extends Representation> extends Step<From, To> {
  rounds(input: Representations[From], context: PassContext): Rounds<PassResult<Representations[To]>>;
}

/** One step from the network to print. */
export type Pass<From extends Representation = Representation, To extends Representation = Representation> =
  | PlainPass<From, To>
  | RoundsPass<From, To>;

/** Any pass, its representations kept together. */
export type AnyPass = { [F in Representation]: { [T in Representation]: Pass<F, T> }[Representation] }[Representation];
