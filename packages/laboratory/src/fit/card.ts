import { LAW_LIBRARY } from '@neuroprint/circuit';
import type { FittedDevice, FittedKind, LawName } from './choose.ts';
import type { FittedParameter } from './fit-device.ts';
import { deviceSpread, type Spread, writtenCovariance } from './spread.ts';

/** A number with where it is from, as technology.json has it. */
type Mark =
  | { readonly value: number; readonly source: string }
  | { readonly value: number; readonly assumed: true; readonly why: string }
  | {
      readonly value: number;
      readonly measured: { readonly file: string; readonly date?: string; readonly standardError: number };
    };

/** A transistor as technology.json has it, every number measured but those that no curve can tell. */
export interface TransistorCard {
  readonly polarity: 'n' | 'p';
  readonly description: string;
  readonly law: {
    readonly source: string;
    readonly let?: Readonly<Record<string, string>>;
    readonly drainAmperes: string;
  };
  readonly parameters: Readonly<Record<string, { readonly unit: string } & Mark>>;
  readonly contactOhmMetres?: Mark;
  readonly spread?: Omit<Spread, 'devices' | 'sheets' | 'takenOff'> & { readonly source: string };
}

const DIGITS = 6;

/** The card of a kind under the law that was chosen: the mean over its devices, on the scales of the fit. */
export function cardOf(kind: FittedKind): TransistorCard {
  const { devices, chosen, polarity } = kind;
  const offered = LAW_LIBRARY[chosen as LawName];
  const { source = chosen, let: quantities, drainAmperes } = offered.text;
  const parameters = Object.fromEntries(
    offered.parameters.map(({ name, unit, isFixed, start, what }, i) => {
      if (isFixed === true) return [name, { unit, value: start, source: what }];
      return [name, { unit, ...markOf(kind, name, i === 0) }];
    }),
  );
  const contact = devices[0]!.fits[chosen]!.parameters.some(({ name }) => name === 'contact');
  const spread = deviceSpread(devices, chosen);
  return {
    polarity,
    description: descriptionOf(kind),
    law: { source, ...(quantities === undefined ? {} : { let: quantities }), drainAmperes },
    parameters,
    ...(contact ? { contactOhmMetres: markOf(kind, 'contact', false) } : {}),
    ...(spread === undefined ? {} : { spread: spreadEntry(spread, devices) }),
  };
}

/** The mean of a parameter over the devices; the law's first is for W/L = 1, and so rests on both. */
function markOf({ devices, chosen }: FittedKind, name: string, restsOnSize: boolean): Mark {
  const found = devices.map(({ fits }) => fits[chosen]!.parameters.find((parameter) => parameter.name === name)!);
  const { value, standardError } = meanOver(found);
  const file = [...new Set(devices.flatMap(({ points }) => points.curves.map((curve) => curve.file)))].join(', ');
  const dates = devices.map(({ entry }) => entry.date).filter((date) => date !== undefined);
  const rounded = Number(value.toPrecision(DIGITS));
  const unknown = found.every(({ undetermined }) => undetermined);
  if (unknown)
    return {
      value: rounded,
      assumed: true,
      why: `the curves (${file}) do not determine it: any value of this order fits them`,
    };
  const sizes = restsOnSize ? assumedSizes(devices) : [];
  if (sizes.length > 0)
    return {
      value: rounded,
      assumed: true,
      why: `measured (${file}) with a relative standard error of ${(standardError / Math.abs(value)).toPrecision(2)}, but for a size that nobody measured: ${sizes.join('; ')}`,
    };
  return {
    value: rounded,
    measured: {
      file,
      ...(dates.length > 0 ? { date: dates.toSorted().at(-1)! } : {}),
      standardError: Number(standardError.toPrecision(3)),
    },
  };
}

function assumedSizes(devices: readonly FittedDevice[]): string[] {
  const said = devices.flatMap(({ entry: { width, length } }) => [
    ...(width.why === undefined ? [] : [`W of ${width.value} m: ${width.why}`]),
    ...(length.why === undefined ? [] : [`L of ${length.value} m: ${length.why}`]),
  ]);
  return [...new Set(said)];
}

/** Mean on the scale of the fit, and its standard error: of the fit for one device, from device to device for several. */
function meanOver(found: readonly FittedParameter[]): { value: number; standardError: number } {
  const { log } = found[0]!;
  const values = found.map(({ value }) => (log ? Math.log(value) : value));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const fits = found.reduce((sum, { standardError }) => sum + standardError ** 2, 0) / found.length;
  const error = found.length === 1 ? Math.sqrt(fits) : Math.sqrt(squares / (found.length - 1) / found.length);
  const value = log ? Math.exp(mean) : mean;
  return { value, standardError: log ? value * error : error };
}

function descriptionOf({ devices, chosen, warnings }: FittedKind): string {
  const names = devices.map(({ entry }) => entry.name);
  const fits = devices.map(({ fits: all }) => all[chosen]!);
  const worst = (of: (fit: (typeof fits)[number]) => number): number => Math.max(...fits.map(of));
  const decades = fits.some((fit) => fit.decades !== undefined)
    ? `${worst((fit) => fit.decades ?? 0).toFixed(3)} decades and `
    : '';
  const hysteresis = warnings.some((warning) => warning.includes('hysteresis'))
    ? ' Output curves were measured with another threshold (hysteresis); that of the transfer curves stands here.'
    : '';
  return `Fitted to the measured curves of ${names.length === 1 ? `the device ${names[0]}` : `${names.length} devices`}: ${decades}${(100 * worst((fit) => fit.share)).toFixed(1)} % of the largest current (rms).${hysteresis} The gate draws no current, and no leakage flows below the threshold.`;
}

function spreadEntry(spread: Spread, devices: readonly FittedDevice[]): NonNullable<TransistorCard['spread']> {
  const { parameters, scale, covariance, sheetShare, sheets } = spread;
  const names = devices.map(({ entry }) => entry.name);
  const listed = names.length > 6 ? `${names.slice(0, 3).join(', ')} to ${names.at(-1)}` : names.join(', ');
  return {
    parameters,
    scale,
    covariance: writtenCovariance(covariance),
    sheetShare: Number(sheetShare.toPrecision(3)),
    source: `measured: ${names.length} devices (${listed})${sheets > 1 ? ` on ${sheets} sheets` : ', sheets not told apart'}`,
  };
}
