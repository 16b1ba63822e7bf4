import { LAW_LIBRARY } from '@neuroprint/circuit';
import { readCurve } from './curve.ts';
import type { Extras } from './device-model.ts';
import { type DeviceFit, fitDevice, type Seed, seedOf } from './fit-device.ts';
import type { DeviceEntry } from './manifest.ts';
import { type DevicePoints, pointsOf } from './points.ts';
import { checkScales } from './scale-check.ts';
import { leakageOf, warningsOf } from './warnings.ts';

/** A device with its points and the fit of every law, each with the extras that the criterion chose for it. */
export interface FittedDevice {
  readonly entry: DeviceEntry;
  readonly points: DevicePoints;
  /** By name of the law. */
  readonly fits: Readonly<Record<string, DeviceFit>>;
}

/** Devices of one kind under the law that was chosen for all of them. */
export interface FittedKind {
  readonly transistor: string;
  readonly polarity: 'n' | 'p';
  readonly devices: readonly FittedDevice[];
  /** Laws with their criterion summed over the devices, the best first. */
  readonly ranking: readonly { readonly law: string; readonly criterion: number }[];
  readonly chosen: string;
  readonly extras: Extras;
  /** What the chosen law does not follow, in sentences. */
  readonly warnings: readonly string[];
}

const PLAIN: Extras = { shift: false, contact: false };
/** A criterion less by so much is worth another parameter of the measurement. */
const WORTH = 6;
/** Devices of a kind that are fitted from every start. */
const FULL_SEARCHES = 4;

export type LawName = keyof typeof LAW_LIBRARY;

/**
 * Fits the laws to every device of a kind, each with and without a shift of its output curves and contact resistances, and chooses the
 * law whose criterion, summed over the devices, is least: n·ln(cost/n) + k·ln(n), with n the points that count, which are fewer where
 * neighbouring residuals go together. Extras are those of all devices. Throws InputFileError.
 */
export function fitKind(
  manifest: string,
  entries: readonly DeviceEntry[],
  laws: readonly LawName[],
  onDevice: (done: number) => void = () => undefined,
): FittedKind {
  const devices = entries.map((entry) => {
    const curves = entry.curves.map((curve) => readCurve(manifest, entry, curve));
    checkScales(manifest, entry, curves);
    return { entry, points: pointsOf(curves) };
  });
  const variants = variantsOf(devices.map(({ points }) => points));
  let done = 0;
  // [device][law][variant]: of many devices only the first is looked at from everywhere
  const first = new Map<string, Seed>();
  const tables = devices.map(({ entry, points }, d) => {
    const size = { width: entry.width.value, length: entry.length.value };
    const table = laws.map((law) => {
      const before: Seed[] = [];
      return variants.map((extras, v) => {
        const key = `${law} ${v}`;
        const seeds = [...(first.has(key) ? [first.get(key)!] : []), ...before];
        const fit = fitDevice(law, LAW_LIBRARY[law], points, size, extras, seeds, d > FULL_SEARCHES);
        before.push(seedOf(fit));
        if (d === 0) first.set(key, seedOf(fit));
        return fit;
      });
    });
    done += 1;
    onDevice(done);
    return table;
  });
  const counting = tables.map((table) => countingPoints(table.flat()));
  const criterionOf = (l: number, v: number): number =>
    tables.reduce((sum, table, d) => sum + criterion(table[l]![v]!, counting[d]!), 0);
  const ranking = laws
    .map((law, l) => {
      let best = 0;
      for (let v = 1; v < variants.length; v += 1) if (criterionOf(l, v) < criterionOf(l, best) - WORTH) best = v;
      return { law, l, best, criterion: criterionOf(l, best) };
    })
    .sort((a, b) => a.criterion - b.criterion);
  const { law: chosen, best } = ranking[0]!;
  const fitted = devices.map(({ entry, points }, d) => ({
    entry,
    points,
    fits: Object.fromEntries(ranking.map(({ law, l, best: v }) => [law, tables[d]![l]![v]!])),
  }));
  return {
    transistor: entries[0]!.transistor,
    polarity: entries[0]!.polarity,
    devices: fitted,
    ranking: ranking.map(({ law, criterion: value }) => ({ law, criterion: value })),
    chosen,
    extras: variants[best]!,
    warnings: [
      ...fitted.flatMap((device) => warningsOf(device, chosen)),
      ...leakageOf(
        entries[0]!.transistor,
        fitted.map(({ fits }) => fits[chosen]!),
      ),
    ],
  };
}

/** A shift of output against transfer curves needs both. */
function variantsOf(points: readonly DevicePoints[]): Extras[] {
  const hasBoth = points.every(({ curves }) => new Set(curves.map(({ kind }) => kind)).size === 2);
  return [
    PLAIN,
    ...(hasBoth ? [{ shift: true, contact: false }] : []),
    { shift: false, contact: true },
    ...(hasBoth ? [{ shift: true, contact: true }] : []),
  ];
}

/** How many independent points the best fit leaves. */
function countingPoints(fits: readonly DeviceFit[]): number {
  const { points, neighbours, parameters } = fits.reduce((best, fit) => (fit.cost < best.cost ? fit : best));
  return Math.max(parameters.length + 2, (points * (1 - neighbours)) / (1 + neighbours));
}

function criterion({ cost, points, parameters }: DeviceFit, counting: number): number {
  return counting * Math.log((2 * cost) / points + 1e-12) + parameters.length * Math.log(counting);
}
