import type { Variation } from '../schemas/network.ts';
import type { ErrorSpread, Regression, TargetScore, Task } from '../schemas/task.ts';
import { quantile, summariseCopies } from '../statistics.ts';

/** The line by which an output is read; undefined where the outputs are classes. */
export function regressionOf({ task }: { readonly task?: Task | undefined }): Regression | undefined {
  return task?.kind === 'regression' ? task : undefined;
}

/** What output volts mean, in units of the target. */
export function unitsOf({ interceptUnits, unitsPerVolt }: Regression, volts: ArrayLike<number>): Float64Array {
  return Float64Array.from(volts, (v) => interceptUnits + unitsPerVolt * v);
}

/** The output volts that mean these targets. */
export function voltsOf({ interceptUnits, unitsPerVolt }: Regression, units: ArrayLike<number>): Float64Array {
  return Float64Array.from(units, (t) => (t - interceptUnits) / unitsPerVolt);
}

/** `price = 12.5 + 40.2·v_out`, v_out in volts. */
export function lineInWords({ target, interceptUnits, unitsPerVolt }: Regression): string {
  const number = (value: number): string => String(Number(value.toPrecision(7)));
  return `${target} = ${number(interceptUnits)} + ${number(unitsPerVolt)}·v_out`;
}

/** Root mean square error and Pearson's correlation, 0 where nothing varies. */
export function scoreTarget(predicted: ArrayLike<number>, targets: ArrayLike<number>): TargetScore {
  const count = targets.length;
  let [sumY, sumT] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    sumY += predicted[i]!;
    sumT += targets[i]!;
  }
  const [my, mt] = [sumY / count, sumT / count];
  let [squares, yy, tt, yt] = [0, 0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    const [dy, dt] = [predicted[i]! - my, targets[i]! - mt];
    squares += (predicted[i]! - targets[i]!) ** 2;
    yy += dy * dy;
    tt += dt * dt;
    yt += dy * dt;
  }
  return { rmse: Math.sqrt(squares / count), r: yy === 0 || tt === 0 ? 0 : yt / Math.sqrt(yy * tt) };
}

/** What the root mean square errors of printed copies come to. */
export function summariseErrors(rmse: ArrayLike<number>, variation: number | Variation): ErrorSpread {
  return { ...summariseCopies(rmse, variation), p95: quantile(rmse, 0.95) };
}
