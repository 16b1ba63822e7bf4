import {
  biasVoltsOf,
  isLinear,
  type Labels,
  type NetworkLayer,
  regressionOf,
  type Stage,
  scoreTarget,
  type TargetScore,
  type TrainedNetwork,
  UsageError,
  unitsOf,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { findCell, type Technology } from '../technology/technology.ts';
import { cellTable } from './cell-table.ts';
import { columnVolts } from './node-rule.ts';

/** What the fast model promises: per layer the column volts and the output volts, each row-major [rows × columns]. */
export interface IdealVoltages {
  readonly columns: readonly Float64Array[];
  readonly outputs: readonly Float64Array[];
}

/** The stage that serves place `k`: the shared one, or its own. */
export function stageAt(stages: readonly Stage[], k: number): Stage {
  return stages.length === 1 ? stages[0]! : stages[k]!;
}

/**
 * A stage as training saw it: the four-parameter curve of its η, or, where it has none, the exact curve of its component values; of a
 * falling stage both are minus its output. Throws UsageError where that is needed and there is no technology.
 */
export function stageCurve(stage: Stage, technology?: Technology): (volts: number) => number {
  if (stage.eta !== undefined) {
    const [e1, e2, e3, e4] = stage.eta;
    return (volts) => e1 + e2 * Math.tanh((volts - e3) * e4);
  }
  if (technology === undefined)
    throw new UsageError(`A stage ${stage.cell} has no eta, and no technology is given to compute its curve.`);
  const cell = findCell(technology, stage.cell);
  const table = cellTable(technology, cell, stage.values);
  const sign = cell.curve === 'falling' ? -1 : 1;
  const [v, out, slope] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
  return (volts) => {
    v[0] = volts;
    table.apply(v, 1, out, slope);
    return sign * out[0]!;
  };
}

/**
 * The network as it was trained: unloaded stages, their four-parameter curves (exact ones where a stage has no η), ideal crossbars.
 * `volts` is row-major [rows × inputs]. This is the abstraction, not the circuit: see ExactSolver for that.
 */
export function idealVoltages(
  network: Pick<TrainedNetwork, 'layers' | 'biasVolts'>,
  volts: Float64Array,
  rows: number,
  technology?: Technology,
): IdealVoltages {
  const columns: Float64Array[] = [];
  const outputs: Float64Array[] = [];
  let inputs = volts;
  for (const layer of network.layers) {
    const sums = layerColumns(layer, inputs, rows, biasVoltsOf(network), technology);
    const curves = layer.activationStages.map((stage) => stageCurve(stage, technology));
    const out = isLinear(layer) ? sums : sums.map((volt, i) => curves[i % curves.length]!(volt));
    columns.push(sums);
    outputs.push(out);
    inputs = out;
  }
  return { columns, outputs };
}

function layerColumns(
  layer: NetworkLayer,
  volts: Float64Array,
  rows: number,
  biasVolts: number,
  technology: Technology | undefined,
): Float64Array {
  if (layer.nodeRule === 'kirchhoff') return columnVolts(layer, volts, volts, rows, biasVolts);
  const inputs = layer.conductancesSiemens.length - 2;
  const curves = layer.fallingStages.map((stage) => stageCurve(stage, technology));
  // a layer without falling stages has no negative entries that would read this
  const inverted = volts.map(
    (volt, i) => -((curves.length === 1 ? curves[0] : curves[i % inputs])?.(volt) ?? Number.NaN),
  );
  return columnVolts(layer, volts, inverted, rows, biasVolts);
}

/** How well outputs do what a network is for: its accuracy, or in regression the error and the correlation. */
export interface OutputScore {
  /** Null without labels, and in regression. */
  readonly accuracy: number | null;
  /** Absent without targets. */
  readonly regression?: TargetScore;
}

/** Scores output volts, row-major [rows × outputs], against what the rows are known by. */
export function scoreOutputs(
  of: Pick<TrainedNetwork, 'classes' | 'task'>,
  outputs: Float64Array,
  labels: Labels | undefined,
): OutputScore {
  if (labels === undefined) return { accuracy: null };
  const line = regressionOf(of);
  if (line === undefined) return { accuracy: accuracy(decisions(outputs, of.classes.length), labels) };
  return { accuracy: null, regression: scoreTarget(unitsOf(line, outputs), labels) };
}
