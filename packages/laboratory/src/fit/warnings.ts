import type { MeasuredCurve } from './curve.ts';
import type { DeviceFit } from './fit-device.ts';
import type { DeviceEntry } from './manifest.ts';
import type { DevicePoints } from './points.ts';
import { interpolate } from './sweep.ts';

/** Errors from which on a law is said not to follow a curve. */
const POOR_DECADES = 0.3;
const POOR_SHARE = 0.1;
/** A current at 0 V on the drain of more than this share of the curve's largest is no channel's. */
const OFFSET_SHARE = 0.01;
/** A curve bends upwards when its slope grows by this share. */
const BEND = 1.15;
/** From one tenth of the sweep to the next, as a share of the largest current. */
const LATE_RISE = 0.05;
/** Thresholds that are less than this apart are one. */
const LEAST_SHIFT_VOLTS = 0.02;

/** What the law does not follow, in sentences that name device and file. */
export function warningsOf(
  {
    entry,
    points,
    fits,
  }: {
    readonly entry: DeviceEntry;
    readonly points: DevicePoints;
    readonly fits: Readonly<Record<string, DeviceFit>>;
  },
  law: string,
): string[] {
  const fit = fits[law]!;
  const said: string[] = [];
  const of = (name: string) => fit.parameters.find((parameter) => parameter.name === name);
  const shift = of('shift');
  if (shift !== undefined && Math.abs(shift.value) > LEAST_SHIFT_VOLTS * points.gateSpan)
    said.push(
      `hysteresis: output and transfer curves agree only if the gate of the output curves is shifted by ${(entry.polarity === 'p' ? -shift.value : shift.value).toPrecision(3)} ± ${shift.standardError.toPrecision(2)} V; the threshold is that of the transfer curves`,
    );
  for (const curve of points.curves)
    if (curve.hysteresisVolts !== undefined)
      said.push(`hysteresis: ${curve.file} is ${curve.hysteresisVolts.toPrecision(2)} V wide between its two ways`);
  const contact = of('contact');
  if (contact !== undefined && !contact.undetermined && !contact.atBound)
    said.push(
      `contact resistance: ${contact.value.toPrecision(3)} ohm·m in series with source and drain, ${(contact.value / entry.width.value).toPrecision(3)} ohms each`,
    );
  for (const curve of points.curves.filter(({ kind }) => kind === 'output')) said.push(...bendsOf(curve));
  fit.errors.forEach(({ file, decades = 0, share }) => {
    if (decades > POOR_DECADES) said.push(`${file} is missed by ${decades.toFixed(2)} decades (rms)`);
    else if (share > POOR_SHARE)
      said.push(`${file} is missed by ${(100 * share).toFixed(0)} % of its largest current (rms)`);
  });
  const unknown = fit.parameters.filter(({ name, undetermined }) => undetermined && !name.startsWith('floor'));
  if (unknown.length > 0) said.push(`these curves do not determine ${unknown.map(({ name }) => name).join(', ')}`);
  const held = fit.parameters.filter(({ name, atBound }) => atBound && !name.startsWith('floor'));
  if (held.length > 0)
    said.push(
      `the fit holds ${held.map(({ name, value }) => `${name} at ${Number(value.toPrecision(3))}`).join(', ')}, a bound of the law`,
    );
  if (!fit.converged) said.push('the fit had not come to rest after its last step');
  return said.map((sentence) => `${entry.name}: ${sentence}`);
}

/** What flows below the threshold of the devices of a kind, in a sentence. */
export function leakageOf(transistor: string, fits: readonly DeviceFit[]): string[] {
  const found = fits.flatMap(({ parameters }) =>
    parameters
      .filter(({ name, undetermined, atBound }) => name.startsWith('floor') && !undetermined && !atBound)
      .map(({ value }) => value),
  );
  if (found.length === 0) return [];
  return [
    `${transistor}: leakage: up to ${Math.max(...found).toPrecision(2)} A flow below the threshold, and the card has none of it`,
  ];
}

/** What an output curve shows that no channel does: a current without a drain voltage, an S at the start, a rise at the end. */
function bendsOf({ file, swept, amperes }: MeasuredCurve): string[] {
  const [end, largest] = [swept.at(-1)!, Math.max(...amperes)];
  const at = (share: number): number => interpolate(swept, amperes, share * end);
  const meanBetween = (from: number, to: number): number => {
    const inside = amperes.filter((_, i) => swept[i]! >= from && swept[i]! <= to);
    return inside.reduce((sum, i) => sum + i, 0) / inside.length;
  };
  const said: string[] = [];
  const atZero = swept[0]! <= 0 ? interpolate(swept, amperes, 0) : Number.NaN;
  if (Math.abs(atZero) > OFFSET_SHARE * largest)
    said.push(
      `kink: ${file} has ${Math.abs(atZero).toPrecision(2)} A at 0 V on the drain: leakage of the gate, or an offset`,
    );
  const [slope0, slope1] = [at(0.06) - at(0.02), at(0.14) - at(0.1)];
  if (slope1 > BEND * slope0 && slope0 > 0)
    said.push(`contact: ${file} begins flat and bends upwards, as contacts with a barrier make it`);
  // means over tenths of the sweep, which noise moves less than points
  const [before, middle, last] = [0.7, 0.8, 0.9].map((from) => meanBetween(from * end, (from + 0.1) * end));
  const [late0, late1] = [middle! - before!, last! - middle!];
  if (late1 > 2 * Math.max(late0, 0) && late1 > LATE_RISE * largest)
    said.push(`kink: ${file} rises again towards ${end} V`);
  return said;
}
