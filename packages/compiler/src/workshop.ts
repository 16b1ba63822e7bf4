import { Draws } from '@neuroprint/core';
import { copyScores } from './copy-scores.ts';
import type { Metal } from './ladder.ts';
import { solveParts } from './laid-out.ts';
import { CircuitLoss } from './passes/calibrate/circuit-loss.ts';
import { CalibrationParameters } from './passes/calibrate/parameters.ts';
import { type CalibrationRows, calibrationRows } from './passes/calibrate/targets.ts';
import { type Answers, CONVERGED_SHARE, type LossRound, type Round, type Subject } from './rounds.ts';

/** Where the rounds of a compile are done: one in the process, or one in each of its threads. It tunes one circuit. */
export class Workshop {
  readonly #subject: Subject;
  readonly #metal: Metal | undefined;
  readonly #losses = new Map<string, CircuitLoss>();
  #wanted: Readonly<Record<'train' | 'valid', CalibrationRows>> | undefined;
  #parameters: CalibrationParameters | undefined;

  /** `metal` is between the devices of the circuit that is tuned; undefined: nothing. */
  constructor(subject: Subject, metal?: Metal) {
    this.#subject = subject;
    this.#metal = metal;
  }

  do(round: Round): Answers {
    if (round.kind === 'loss') return this.#loss(round);
    return round.kind === 'rows' ? solveParts(round) : copyScores(round, this.#subject);
  }

  #loss({ rows: part, start, values, sides, inverted, line, first, copies, withGradient, parts }: LossRound): Answers {
    const { network, technology, rows, seed, solver } = this.#subject;
    this.#wanted ??= calibrationRows(network, rows!, technology);
    this.#parameters ??= new CalibrationParameters(start, technology, 1);
    this.#parameters.values.set(values);
    const wanted = this.#wanted[part];
    wanted.objective.readBy(line);
    let loss = this.#losses.get(part);
    if (loss === undefined) {
      loss = new CircuitLoss(technology, wanted, {
        draws: new Draws(seed, part === 'train' ? 'calibration' : 'calibration validation'),
        ...{ variation: network.variation, solver, metal: this.#metal },
        haveSameCopies: part === 'valid',
        convergedVolts: CONVERGED_SHARE * technology.bias.volts,
      });
      this.#losses.set(part, loss);
    }
    return loss.run(this.#parameters, parts, { sides, inverted, first, copies, withGradient });
  }
}
