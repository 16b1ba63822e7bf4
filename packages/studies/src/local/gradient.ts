import { Adam } from '@neuroprint/numeric';
import type { Learner, LearningNetwork } from './learn.ts';
import { stepOhms } from './resistors.ts';
import { addContrast, newStates, solveStates } from './rules.ts';
import type { TaskRows } from './tasks.ts';

/**
 * −∂C/∂R of every resistor, C = mean over rows of ½·Σ_k (o_k − target_k)², by the adjoint state: A·λ = ∂C/∂v, and
 * ∂C/∂R = g²·(λ_a − λ_b)·(v_a − v_b).
 */
export function descentDirection(network: LearningNetwork, { rows, drive, targets }: TaskRows): Float64Array {
  const { driven, outputs, graph } = network.network;
  const siemens = network.siemens;
  const volts = new Float64Array(graph.nodes);
  const adjoint = new Float64Array(graph.nodes);
  const amperes = new Float64Array(graph.nodes);
  const out = new Float64Array(graph.edges.length);
  for (let row = 0; row < rows; row += 1) {
    driven.forEach((node, k) => {
      volts[node] = drive[row * driven.length + k]!;
    });
    network.solver.solveFree(volts);
    amperes.fill(0);
    outputs.forEach((node, k) => {
      amperes[node] = (volts[node]! - targets[row * outputs.length + k]!) / rows;
    });
    network.solver.solveAdjoint(amperes, adjoint);
    graph.edges.forEach(([a, b], e) => {
      out[e]! -= siemens[e]! ** 2 * (adjoint[a]! - adjoint[b]!) * (volts[a]! - volts[b]!);
    });
  }
  return out;
}

/**
 * What a rule would do to every resistor over all rows, its step as small as one likes, in units of its own:
 * `voltage-drop` Σ (ΔV_C² − ΔV_F²); `sign` the sum of its signs; `power` the same of the powers, Σ (ΔV_C² − ΔV_F²)/R², which descends on the
 * difference of dissipated powers; `current` like `power`, but the outputs are nudged by currents in proportion to their errors instead of
 * being clamped (equilibrium propagation, Scellier and Bengio 2017): as η → 0 that is the gradient itself.
 */
export const DIRECTIONS = ['voltage-drop', 'sign', 'power', 'current'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The direction of a rule at the network as it is, [edges]. */
export function ruleDirection(
  network: LearningNetwork,
  task: TaskRows,
  direction: Direction,
  nudge: number,
): Float64Array {
  const { graph } = network.network;
  const siemens = network.siemens;
  const states = newStates(graph.nodes);
  const contrast = new Float64Array(graph.edges.length);
  const out = new Float64Array(graph.edges.length);
  const conductance = siemens.reduce((sum, g) => sum + g, 0) / siemens.length;
  for (let row = 0; row < task.rows; row += 1) {
    solveStates(network.solver, task.drive, task.targets, row, nudge, states);
    if (direction === 'current') nudgeByCurrent(network, task, row, nudge * conductance, states);
    contrast.fill(0);
    addContrast(graph.edges, states, nudge, contrast);
    contrast.forEach((value, e) => {
      if (direction === 'sign') out[e]! += Math.sign(value);
      else out[e]! += direction === 'voltage-drop' ? value : value * siemens[e]! ** 2;
    });
  }
  return out;
}

/** Puts a state into `clamped` in which a current (target − o_F)·`siemens` flows into every output. */
function nudgeByCurrent(
  network: LearningNetwork,
  { targets }: TaskRows,
  row: number,
  siemens: number,
  { free, clamped }: { readonly free: Float64Array; readonly clamped: Float64Array },
): void {
  const { outputs, graph } = network.network;
  const amperes = new Float64Array(graph.nodes);
  outputs.forEach((node, k) => {
    amperes[node] = siemens * (targets[row * outputs.length + k]! - free[node]!);
  });
  clamped.set(free);
  network.solver.solveFree(clamped, amperes);
}

/** Cosine of the angle between two vectors; 0 where one of them is zero. */
export function cosine(a: Float64Array, b: Float64Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

const DESCENT_STEPS = 10;
const DESCENT_RATE = 0.03;

/**
 * What the same resistors reach by the adjoint gradient, which is not local: in every epoch some steps of Adam on ln R without
 * levels, within the range; then the nearest level.
 */
export function gradientLearner(network: LearningNetwork): Learner {
  const { minimumOhms, maximumOhms, levels } = network.scale;
  const step = stepOhms(network.scale);
  const [low, high] = [Math.log(minimumOhms), Math.log(maximumOhms)];
  const logOhms = Float64Array.from(network.level, (k) => Math.log(minimumOhms + k * step));
  const adam = new Adam(logOhms.length);
  return (rows) => {
    for (let i = 0; i < DESCENT_STEPS; i += 1) {
      const ohms = logOhms.map(Math.exp);
      network.useOhms(ohms);
      const gradient = descentDirection(network, rows).map((descent, e) => -descent * ohms[e]!);
      adam.step(logOhms, gradient, DESCENT_RATE);
      logOhms.forEach((value, e) => {
        logOhms[e] = Math.min(high, Math.max(low, value));
      });
    }
    logOhms.forEach((value, e) => {
      network.level[e] = Math.min(levels - 1, Math.max(0, Math.round((Math.exp(value) - minimumOhms) / step)));
    });
    network.refresh();
  };
}
