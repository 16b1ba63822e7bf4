import type { FlatCircuit, Stability } from '@neuroprint/circuit';
import type { StabilityReport } from '@neuroprint/core';
import { type Engine, type Start, simulateTransients, type Waveform } from '@neuroprint/spice';

/** A transient has come to its operating point when every node is as close as this share of the bias. */
const SETTLED = 1e-3;
/** How long to look: so many of the slowest time constants, or of those with which it runs away. */
const TIME_CONSTANTS = 40;
/** An op-amp that begins at its rail comes back by its gain-bandwidth, which may take longer: then once more, so much longer. */
const LONGER = 20;
const STEPS = 400;
/** Steps of an oscillation that grows: 1/20 of its period. */
const STEPS_PER_RADIAN = 4;
const MOST_STEPS = 20_000;
/** At rest is what moves by less than that over this last share of the time. */
const LAST_SHARE = 0.1;
const KEPT_POINTS = 200;

interface Settled {
  readonly count: number;
  /** Did not come to the operating point. */
  readonly elsewhere: number;
  /** Of these: did not come to rest at all. */
  readonly restless: number;
  readonly maxDifferenceVolts: number;
  readonly waveform: Omit<NonNullable<StabilityReport['transients']>['waveform'], 'nodes'>;
}

/**
 * Transients in ngspice: from rest at all given rows, and from both rails at the first of them. `outputs` are numbers of the nodes
 * whose waveform is kept.
 */
export async function settle(
  engine: Engine,
  flat: FlatCircuit,
  inputVolts: Float64Array,
  rows: readonly number[],
  state: Float64Array,
  { largestRealPart, eigenvalues }: Stability,
  nodeFarads: number,
  outputs: readonly number[],
): Promise<Settled> {
  const [inputs, size] = [flat.inputs.length, flat.unknowns.length];
  const runs = [
    ...rows.map((row) => ({ row, start: 'rest' as Start })),
    { row: rows[0]!, start: 'low' as Start },
    { row: rows[0]!, start: 'high' as Start },
  ];
  const settledVolts = SETTLED * flat.technology.bias.volts;
  const seconds = TIME_CONSTANTS / Math.abs(largestRealPart);
  const simulate = (some: typeof runs, length: number): Promise<Waveform[]> =>
    simulateTransients(engine, {
      flat,
      nodeFarads,
      seconds: length,
      stepSeconds: Math.max(length / MOST_STEPS, Math.min(length / STEPS, largestStep(eigenvalues))),
      cases: some.map(({ row, start }) => ({
        inputVolts: inputVolts.subarray(row * inputs, (row + 1) * inputs),
        start,
      })),
    });
  const ends = (await simulate(runs, seconds)).map((wave, i) => ({
    wave,
    ...endOf(wave, seconds, runs[i]!.row, size, state),
  }));
  const late = runs.filter((_, i) => ends[i]!.differenceVolts > settledVolts);
  if (late.length > 0) {
    const again = await simulate(late, LONGER * seconds);
    again.forEach((wave, k) => {
      const i = runs.indexOf(late[k]!);
      ends[i] = { wave, ...endOf(wave, LONGER * seconds, runs[i]!.row, size, state) };
    });
  }
  const away = ends.filter(({ differenceVolts }) => differenceVolts > settledVolts);
  return {
    count: ends.length,
    elsewhere: away.length,
    restless: away.filter(({ movingVolts }) => movingVolts > settledVolts).length,
    maxDifferenceVolts: ends.reduce(
      (most, { differenceVolts }) => (Number.isFinite(differenceVolts) ? Math.max(most, differenceVolts) : most),
      0,
    ),
    waveform: {
      case: rows[0]!,
      ...thinned(ends[0]!.wave, size, outputs),
      operatingVolts: outputs.map((k) => state[rows[0]! * size + k]!),
    },
  };
}

/** A growing oscillation is followed, or the integration would damp it. */
function largestStep({ real, imaginary }: Stability['eigenvalues']): number {
  const fastest = real.reduce((most, re, i) => (re > 0 ? Math.max(most, Math.hypot(re, imaginary[i]!)) : most), 0);
  return fastest === 0 ? Number.POSITIVE_INFINITY : 1 / (STEPS_PER_RADIAN * fastest);
}

/** How far the end is from the operating point, and how much the last part moves; without end where the simulator gave up. */
function endOf({ seconds, volts }: Waveform, length: number, row: number, size: number, state: Float64Array) {
  const last = seconds.length - 1;
  if (seconds[last]! < (1 - LAST_SHARE) * length)
    return { differenceVolts: Number.POSITIVE_INFINITY, movingVolts: Number.POSITIVE_INFINITY };
  const from = seconds.findIndex((t) => t >= (1 - LAST_SHARE) * seconds[last]!);
  let differenceVolts = 0;
  let movingVolts = 0;
  for (let k = 0; k < size; k += 1) {
    const end = volts[last * size + k]!;
    differenceVolts = Math.max(differenceVolts, Math.abs(end - state[row * size + k]!));
    for (let point = from; point < last; point += 1)
      movingVolts = Math.max(movingVolts, Math.abs(volts[point * size + k]! - end));
  }
  return { differenceVolts, movingVolts };
}

function thinned({ seconds, volts }: Waveform, size: number, outputs: readonly number[]) {
  const every = Math.max(1, Math.ceil(seconds.length / KEPT_POINTS));
  const kept = Array.from(seconds.keys()).filter((point) => point % every === 0 || point === seconds.length - 1);
  return {
    seconds: kept.map((point) => seconds[point]!),
    volts: kept.flatMap((point) => outputs.map((k) => volts[point * size + k]!)),
  };
}
