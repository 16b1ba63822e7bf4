import {
  type Dataset,
  Draws,
  featureMatrix,
  type InputRange,
  inputVolts,
  type Labels,
  type TargetDataset,
  type VoltageRows,
} from '@neuroprint/core';
import type { PortableProblem } from '../jobs.ts';
import type { Teacher } from '../printed/problem.ts';

/** What a model says of row-major features: classes, or in regression numbers. */
export type Ask = (features: Float64Array, rows: number) => Promise<Labels>;

/** Every second drawn row is near a row of the table, the others are anywhere within its ranges. */
const NEAR = 2;
/** Standard deviation of a row that is drawn near another, as a share of the range. */
const SPREAD = 0.1;
/** Rows of the table count as much as those that are drawn, by being there several times. */
const MOST_REPEATS = 10;

/**
 * What a model says of the rows of a table and of `drawn` rows within its ranges: what a printed network is to learn, and the
 * answers for all rows of the table. Drawn rows are shared between training and validation as the table's own rows are; the test
 * rows are the table's alone. The same table, seed and model give the same rows.
 */
export async function teacherOf(
  problem: PortableProblem,
  data: Dataset | TargetDataset,
  ask: Ask,
  options: { readonly drawn: number; readonly seed: number },
): Promise<{ readonly teacher: Teacher; readonly answers: Labels }> {
  const answers = await ask(featureMatrix(data), data.labels.length);
  const answered = (rows: VoltageRows<Labels>): VoltageRows<Labels> => ({
    ...rows,
    labels: answers instanceof Int32Array ? pick(Int32Array, rows, answers) : pick(Float64Array, rows, answers),
  });
  const [train, valid, test] = [answered(problem.train), answered(problem.valid), answered(problem.test)];
  const { drawn } = options;
  const volts = drawnVolts(problem, drawn, options.seed);
  const labels = drawn === 0 ? answers.slice(0, 0) : await ask(featuresOf(problem.inputs, volts), drawn);
  const known = train.labels.length;
  const share = known / (known + valid.labels.length);
  const cut = Math.round(drawn * share);
  const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.floor(cut / known)));
  const width = problem.inputs.length;
  const part = (from: number, to: number) => ({
    volts: volts.subarray(from * width, to * width),
    labels: labels.subarray(from, to),
  });
  return {
    teacher: {
      train: together([...new Array<VoltageRows<Labels>>(repeats).fill(train), part(0, cut)]),
      valid: together([...new Array<VoltageRows<Labels>>(repeats).fill(valid), part(cut, drawn)]),
      test,
    },
    answers,
  };
}

function pick<L extends Labels>(
  type: { from(rows: Int32Array, map: (row: number) => number): L },
  { sourceRows }: VoltageRows<Labels>,
  answers: Labels,
): L {
  return type.from(sourceRows, (row) => answers[row]!);
}

function together(parts: readonly Pick<VoltageRows<Labels>, 'volts' | 'labels'>[]): VoltageRows<Labels> {
  const labels = parts.flatMap((part) => [...part.labels]);
  const isClass = parts[0]!.labels instanceof Int32Array;
  return {
    volts: Float64Array.from(parts.flatMap(({ volts }) => [...volts])),
    labels: isClass ? Int32Array.from(labels) : Float64Array.from(labels),
    sourceRows: new Int32Array(labels.length).fill(-1),
    clipped: 0,
  };
}

/** Rows within the volts of the inputs: near a training row, or anywhere. */
function drawnVolts({ inputs, train }: PortableProblem, rows: number, seed: number): Float64Array {
  const draws = new Draws(seed, 'rows within the ranges of a table');
  const width = inputs.length;
  const shares = new Float64Array(width);
  const volts = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    draws.fillUniform(row, shares);
    const near = Math.floor(draws.uniform(row, width) * train.labels.length);
    inputs.forEach((input, k) => {
      const { minimum, maximum } = inputVolts(input);
      const range = maximum - minimum;
      const value =
        row % NEAR === 0
          ? train.volts[near * width + k]! + SPREAD * range * draws.normal(row, width + 2 + k)
          : minimum + range * shares[k]!;
      volts[row * width + k] = Math.min(maximum, Math.max(minimum, value));
    });
  }
  return volts;
}

/** The features that volts stand for. */
export function featuresOf(inputs: readonly InputRange[], volts: Float64Array): Float64Array {
  return volts.map((v, i) => {
    const input = inputs[i % inputs.length]!;
    const { minimum, maximum } = inputVolts(input);
    return input.minimum + ((input.maximum - input.minimum) * (v - minimum)) / (maximum - minimum);
  });
}
