import type { DeviceModel } from './device-model.ts';
import type { DevicePoints } from './points.ts';

/** Thermal voltage at 25 °C, in volts: an ideality n means an overdrive of n times this. */
const THERMAL_VOLTS = 0.02569;
/** Where between no gate voltage and the largest a threshold is looked for. */
const THRESHOLDS = [-0.1, 0.1, 0.25, 0.4];
/** Gate volts over which the channel opens, as shares of the gate's span. */
const OPENINGS = [0.02, 0.08];
/** Points with less than this share of their curve's largest current say nothing of its scale. */
const STRONG = 0.3;

/**
 * Where fits begin: thresholds and openings over the range of the gate, everything else as the law's library has it, and the law's
 * first parameter, to which the current is proportional, so that the strong currents are met.
 */
export function startsOf(model: DeviceModel, points: DevicePoints): Float64Array[] {
  const top = Math.max(...points.gate);
  return OPENINGS.flatMap((opening) =>
    THRESHOLDS.map((threshold) => {
      const x = Float64Array.from(model.movable, ({ name, minimum, maximum }) => {
        const offered = model.offered.parameters.find((parameter) => parameter.name === name);
        if (name === 'vth') return threshold * top;
        if (name === 'phi') return opening * points.gateSpan;
        if (name === 'n') return (opening * points.gateSpan) / THERMAL_VOLTS;
        if (name === 'shift') return 0;
        // a contact begins where it hardly matters, a floor at the least current
        return offered?.start ?? (name === 'contact' ? Math.sqrt(minimum * maximum) : maximum / 5);
      });
      scaleToCurrents(model, points, x);
      return x;
    }),
  );
}

/** Sets the law's first parameter, so that the median strong current is met. */
function scaleToCurrents(model: DeviceModel, points: DevicePoints, x: Float64Array): void {
  const { minimum, maximum } = model.movable[0]!;
  const ratios: number[] = [];
  for (let i = 0; i < points.count; i += 1) {
    const measured = points.amperes[i]!;
    if (measured < STRONG * points.largest[points.curve[i]!]!) continue;
    const ratio = measured / model.current(x, i);
    if (Number.isFinite(ratio) && ratio > 0) ratios.push(Math.log(ratio));
  }
  if (ratios.length === 0) return;
  ratios.sort((a, b) => a - b);
  const middle = Math.exp(ratios[Math.floor(ratios.length / 2)]!);
  x[0] = Math.min(maximum, Math.max(minimum, x[0]! * middle));
}
