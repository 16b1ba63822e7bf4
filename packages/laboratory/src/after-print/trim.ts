import { addByLog, BatchSolver, componentValues, flatten, type Technology, uniformFactor } from '@neuroprint/circuit';
import { type Calibration, type Circuit, type Device, Draws, type VoltageRows } from '@neuroprint/core';
import { Adam, crossEntropy, fallingRate, LOSS_WEIGHT } from '@neuroprint/numeric';

export interface TrimOptions {
  readonly seed: number;
  /** Spread of the crossbar resistors that are still to be printed: 1 ± s, uniform; default 0.05. */
  readonly crossbarSpread?: number;
  /** Steps of Adam; default 300. */
  readonly steps?: number;
  /** The printable resistance that is nearest; default: every resistance can be printed. */
  readonly printable?: ((ohms: number) => number) | undefined;
  readonly onProgress?: (step: number, steps: number) => void;
}

const STEPS = 300;
const SPREAD = 0.05;
const DRAWS = 2;
const RATE = 0.04;
const BATCH_ROWS = 256;
const VALIDATE_EVERY = 20;
/** The crossbar resistors keep to the printable range, and the loss reads outputs with a temperature that is learnt from here. */
const START_TEMPERATURE = 15;

/** A circuit's crossbar resistors tuned to stages that are given, and how good it was before and after on the validation rows. */
export interface Trimmed {
  readonly devices: readonly Device[];
  readonly validAccuracy: readonly [number, number];
  readonly moved: number;
  /** What the tuning did, step by step; `bestStep` 0: nothing was better than what it was given. */
  readonly calibration: Calibration;
}

/**
 * Tunes the crossbar resistors of a circuit whose stages are printed already and stay as they are: Adam on the cross-entropy of
 * softmax(T·v) with the labels, gradient by the adjoint of the exact circuit, under draws of the resistors to come; connections and
 * signs stay. What is best on the validation rows is kept, the circuit itself takes part.
 */
export function trimCrossbars(
  circuit: Pick<Circuit, 'inputs' | 'outputs' | 'devices'>,
  technology: Technology,
  rows: { readonly train: VoltageRows; readonly valid: VoltageRows },
  options: TrimOptions,
): Trimmed {
  const { seed, crossbarSpread = SPREAD, steps = STEPS, printable = (ohms: number) => ohms } = options;
  const flat = flatten(circuit, technology);
  const solver = new BatchSolver(flat);
  const nominal = componentValues(flat);
  const crossbar = [...nominal.keys()].filter((k) => flat.components[k]!.parameter === 'ohms');
  const owners = Int32Array.from(nominal.keys(), (k) => crossbar.indexOf(k));
  const outputs = circuit.outputs.map((node) => flat.unknowns.indexOf(node));
  const slopes = new Float64Array(outputs.length);
  const { minOhms, maxOhms } = technology.crossbar;
  const x = Float64Array.of(...crossbar.map((k) => Math.log(nominal[k]!)), Math.log(START_TEMPERATURE));
  const last = x.length - 1;
  const draws = new Draws(seed, 'trim');
  const order = new Draws(seed, 'trim rows');
  const valuesOf = (major: number): Float64Array => {
    const values = nominal.slice();
    crossbar.forEach((k, at) => {
      const factor = major < 0 ? 1 : uniformFactor(crossbarSpread, draws.uniform(major, at));
      values[k] = Math.exp(x[at]!) / factor;
    });
    return values;
  };
  const judge = (part: VoltageRows) => {
    const state = solver.newState(part.labels.length);
    return (chosen: Int32Array, gradient?: Float64Array) => {
      const byValue = new Float64Array(nominal.length);
      const tally = { loss: 0, right: 0, count: 0, byLogTemperature: 0 };
      const temperature = Math.exp(x[last]!);
      const look = (row: number, byNode?: Float64Array): void => {
        const volts = Float64Array.from(outputs, (node) => state[row * solver.size + node]!);
        const label = part.labels[row]!;
        tally.count += 1;
        if (volts[label] === Math.max(...volts)) tally.right += 1;
        tally.loss += crossEntropy(volts, label, temperature, slopes);
        volts.forEach((v, c) => {
          tally.byLogTemperature += slopes[c]! * v;
          if (byNode !== undefined) byNode[outputs[c]!] = slopes[c]!;
        });
      };
      if (gradient === undefined) {
        const failed = new Set(solver.solveRows(part.volts, chosen, state));
        for (const row of chosen) if (!failed.has(row)) look(row);
        return tally;
      }
      const adjoint = {
        gradient: byValue,
        seed: (row: number, byNode: Float64Array): boolean => {
          look(row, byNode);
          return true;
        },
      };
      solver.solveRows(part.volts, chosen, state, adjoint);
      gradient.set(byValue);
      return tally;
    };
  };
  const [onTrain, onValid] = [judge(rows.train), judge(rows.valid)];
  const all = Int32Array.from({ length: rows.valid.labels.length }, (_, row) => row);
  const validate = () => {
    solver.setValues(valuesOf(-1));
    const { right, count, loss } = onValid(all);
    const validLoss = loss / Math.max(1, count);
    return {
      accuracy: right / all.length,
      validLoss,
      score: right / all.length - (LOSS_WEIGHT * loss) / Math.max(1, count),
    };
  };
  const adam = new Adam(x.length);
  const byValue = new Float64Array(nominal.length);
  const gradient = new Float64Array(x.length);
  const before = validate();
  let best = { ...before, x: x.slice(), step: 0 };
  const history: Calibration['history'][number][] = [];
  for (let step = 0; step < steps; step += 1) {
    const chosen = order.permutation(step, rows.train.labels.length).slice(0, BATCH_ROWS);
    gradient.fill(0);
    let count = 0;
    let trainLoss = 0;
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const values = valuesOf(step * DRAWS + draw);
      solver.setValues(values);
      const tally = onTrain(chosen, byValue);
      addByLog(owners, byValue, values, gradient);
      gradient[last]! += tally.byLogTemperature;
      count += tally.count;
      trainLoss += tally.loss;
    }
    for (let at = 0; at < gradient.length; at += 1) gradient[at]! /= Math.max(1, count);
    adam.step(x, gradient, RATE * fallingRate(step / steps));
    for (let at = 0; at < last; at += 1) x[at] = Math.min(Math.log(maxOhms), Math.max(Math.log(minOhms), x[at]!));
    if ((step + 1) % VALIDATE_EVERY === 0 || step + 1 === steps) {
      const now = validate();
      const { validLoss, score } = now;
      history.push({
        step: step + 1,
        trainLoss: trainLoss / Math.max(1, count),
        validLoss,
        validAccuracy: now.accuracy,
        score,
      });
      if (score > best.score) best = { ...now, x: x.slice(), step: step + 1 };
      options.onProgress?.(step + 1, steps);
    }
  }
  // what was not tuned keeps its bits
  const ohms = new Map(
    crossbar.map((k, at) => [
      flat.components[k]!.device,
      best.step === 0 ? nominal[k]! : printable(Math.exp(best.x[at]!)),
    ]),
  );
  const devices = circuit.devices.map((device) =>
    device.kind === 'resistor' ? { ...device, ohms: ohms.get(device.name)! } : device,
  );
  const moved = circuit.devices.filter(
    (d) => d.kind === 'resistor' && Math.abs(Math.log(ohms.get(d.name)! / d.ohms)) > 1e-6,
  ).length;
  const calibration = {
    seed,
    steps,
    draws: DRAWS,
    relativeSpread: crossbarSpread,
    bestStep: best.step,
    trainRows: rows.train.labels.length,
    validRows: all.length,
    history,
  };
  return { devices, validAccuracy: [before.accuracy, best.accuracy], moved, calibration };
}
