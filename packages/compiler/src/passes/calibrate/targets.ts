import { idealVoltages, type Technology } from '@neuroprint/circuit';
import {
  type Labels,
  meanAndStd,
  type Regression,
  regressionOf,
  type TrainedNetwork,
  type VoltageRows,
} from '@neuroprint/core';
import { decisions, type Line, softmax } from '@neuroprint/numeric';
import { decisionObjective, type Objective, targetObjective } from './objective.ts';

/** What the circuit shall do on some rows. */
export interface CalibrationRows extends VoltageRows<Labels> {
  readonly objective: Objective;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const HIGHEST_TEMPERATURE = 60;

/**
 * What the circuit is calibrated to: the decisions of the trained network, as sure as it is of them: softmax(T·v), v its outputs and
 * T the temperature at which they explain the training labels best (Guo et al., "On calibration of modern neural networks", ICML
 * 2017). Calibrating to the labels instead wins no accuracy and keeps fewer decisions. In regression: the targets themselves, beginning with the
 * network's own line.
 */
export function calibrationRows(
  network: Pick<TrainedNetwork, 'layers' | 'classes' | 'task'>,
  rows: { readonly train: VoltageRows<Labels>; readonly valid: VoltageRows<Labels> },
  technology: Technology,
): { train: CalibrationRows; valid: CalibrationRows } {
  const line = regressionOf(network);
  const objectiveOf = line === undefined ? byDecisions(network, rows.train, technology) : byTargets(line, rows.train);
  return {
    train: { ...rows.train, objective: objectiveOf(rows.train) },
    valid: { ...rows.valid, objective: objectiveOf(rows.valid) },
  };
}

function byDecisions(
  network: Pick<TrainedNetwork, 'layers' | 'classes'>,
  train: VoltageRows<Labels>,
  technology: Technology,
): (rows: VoltageRows<Labels>) => Objective {
  const classes = network.classes.length;
  const outputs = ({ volts, labels }: VoltageRows<Labels>): Float64Array =>
    idealVoltages(network, volts, labels.length, technology).outputs.at(-1)!;
  const known = Int32Array.from(train.labels);
  const temperature = bestTemperature(outputs(train), known, classes, technology.bias.volts);
  return (rows) => {
    const promised = outputs(rows);
    return decisionObjective({
      targets: softmaxRows(promised, classes, temperature),
      promised: decisions(promised, classes),
      labels: rows.labels,
    });
  };
}

function byTargets(line: Regression, train: VoltageRows<Labels>): (rows: VoltageRows<Labels>) => Objective {
  const { mean, std } = meanAndStd(train.labels);
  const reading = { line: [(line.interceptUnits - mean) / std, line.unitsPerVolt / std] as Line };
  return ({ labels }) =>
    targetObjective(
      Float64Array.from(labels, (target) => (target - mean) / std),
      std,
      reading,
    );
}

/** The T, 1..60 over the bias volts, with the smallest cross-entropy, by golden-section search in ln T (the cross-entropy is convex in T). */
function bestTemperature(volts: Float64Array, labels: Int32Array, classes: number, biasVolts: number): number {
  const loss = (logT: number): number => {
    const shares = softmaxRows(volts, classes, Math.exp(logT) / biasVolts);
    return labels.reduce((sum, label, row) => sum - Math.log(Math.max(1e-300, shares[row * classes + label]!)), 0);
  };
  let [low, high] = [0, Math.log(HIGHEST_TEMPERATURE)];
  for (let n = 0; n < 40; n += 1) {
    const third = high - GOLDEN * (high - low);
    const other = low + GOLDEN * (high - low);
    if (loss(third) < loss(other)) high = other;
    else low = third;
  }
  return Math.exp((low + high) / 2) / biasVolts;
}

function softmaxRows(volts: Float64Array, classes: number, temperature: number): Float64Array {
  const out = volts.slice();
  for (let at = 0; at < volts.length; at += classes) softmax(out.subarray(at, at + classes), temperature);
  return out;
}
