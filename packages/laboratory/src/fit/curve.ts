import { basename } from 'node:path';
import { InputFileError } from '@neuroprint/core';
import { readTwoColumns } from './curve-file.ts';
import { CURRENT_UNITS, type CurveEntry, type DeviceEntry } from './manifest.ts';
import { branchesOf, hysteresisVolts, meanOfBranches } from './sweep.ts';

/**
 * A measured curve as an n-type device would give it: volts against the source times −1 for a p-type, in rising order, and currents
 * above 0 where the device conducts, whatever sign their author chose.
 */
export interface MeasuredCurve {
  readonly file: string;
  readonly kind: 'transfer' | 'output';
  /** Volts of the terminal that is held. */
  readonly held: number;
  /** Volts of the terminal that is swept. */
  readonly swept: Float64Array;
  readonly amperes: Float64Array;
  /** Line of every point in its file. */
  readonly lines: readonly number[];
  readonly remarks: readonly string[];
  /** Volts between the way there and the way back at the same current, where the file has both. */
  readonly hysteresisVolts?: number;
}

/** No printed transistor carries more, in amperes; and none of its curves is all below. */
const MOST_AMPERES = 0.1;
const LEAST_AMPERES = 1e-13;
const MOST_VOLTS = 1000;
const FEWEST_POINTS = 3;

/** Reads one curve of a device. Throws InputFileError that names the file and the line. */
export function readCurve(manifest: string, device: DeviceEntry, entry: CurveEntry): MeasuredCurve {
  const { path: file, unit, kind } = entry;
  const fail = (message: string, hint?: string, row?: number): never => {
    throw new InputFileError(row === undefined ? { file } : { file, row }, message, hint);
  };
  const table = readTwoColumns(file, entry.columns);
  const named = table.amperesOfUnit;
  if (named !== undefined && Math.abs(named / CURRENT_UNITS[unit]! - 1) > 1e-9) {
    const own = Object.keys(CURRENT_UNITS).find((one) => Math.abs(CURRENT_UNITS[one]! / named - 1) < 1e-9);
    throw new InputFileError(
      { file: manifest, row: entry.row },
      `${entry.file} is in ${own ?? `units of ${named} A`} by its header, and in ${unit} by the manifest`,
      own === undefined ? 'Change the header.' : `Write unit: ${own}.`,
    );
  }
  const sign = device.polarity === 'p' ? -1 : 1;
  const volts = table.first.map((v) => sign * v + 0);
  const beyond = volts.findIndex((v) => Math.abs(v) > MOST_VOLTS);
  if (beyond >= 0)
    fail(
      `${table.first[beyond]} V is beyond any printed device`,
      'Are these millivolts? Give volts.',
      table.lines[beyond]!,
    );
  const amperes = table.second.map((i) => i * CURRENT_UNITS[unit]!);
  const largest = amperes.reduce((most, i) => Math.max(most, Math.abs(i)), 0);
  if (largest > MOST_AMPERES || largest < LEAST_AMPERES) {
    const fits = unitsThatFit(largest / CURRENT_UNITS[unit]!);
    const place = { file: manifest, row: entry.row };
    throw new InputFileError(
      place,
      `${entry.file} reaches ${largest.toPrecision(3)} A in the unit ${unit}, ${largest > MOST_AMPERES ? 'more' : 'less'} than any printed transistor`,
      fits.length === 0
        ? 'Check the columns.'
        : `The unit ${fits.join(' or ')} would fit: ${fits.map((u) => `${((largest / CURRENT_UNITS[unit]!) * CURRENT_UNITS[u]!).toPrecision(3)} A`).join(' or ')}.`,
    );
  }
  // an author's sign is that of most of the current
  const total = amperes.reduce((sum, i) => sum + i, 0);
  const upright = total < 0 ? amperes.map((i) => -i) : amperes;
  const branches = branchesOf(volts);
  const remarks = [...table.remarks];
  if (branches.length > 2)
    fail(
      `turns ${branches.length - 1} times: a curve goes one way, or there and back once`,
      'Make a file of every sweep.',
    );
  const picked = branches.map((indices) => ({
    volts: Float64Array.from(indices, (i) => volts[i]!),
    amperes: Float64Array.from(indices, (i) => upright[i]!),
    lines: Array.from(indices, (i) => table.lines[i]!),
  }));
  const hysteresis = picked.length === 2 ? hysteresisVolts(picked[0]!, picked[1]!) : undefined;
  if (picked.length === 2 && entry.sweep === undefined)
    throw new InputFileError(
      { file, row: table.lines[branches[1]![0]!]! },
      `mixes sweep directions: it goes there and, from here, back, ${hysteresis!.toPrecision(2)} V apart at the same current`,
      'Say in the manifest which is meant: sweep: first, second or mean.',
    );
  const chosen =
    entry.sweep === 'mean' && picked.length === 2
      ? meanOfBranches(picked[0]!, picked[1]!)
      : (picked[entry.sweep === 'second' ? 1 : 0] ?? picked[0]!);
  const order = [...chosen.volts.keys()].sort((a, b) => chosen.volts[a]! - chosen.volts[b]!);
  const moved = disorder(chosen.volts);
  if (moved > 0) remarks.push(`${moved} point${moved === 1 ? ' stands' : 's stand'} out of order`);
  const swept = Float64Array.from(order, (i) => chosen.volts[i]!);
  const current = Float64Array.from(order, (i) => chosen.amperes[i]!);
  if (swept.length < FEWEST_POINTS) fail(`holds ${swept.length} points, and a curve has ${FEWEST_POINTS} or more`);
  if (swept[0] === swept.at(-1)) fail(`holds one voltage only, ${table.first[0]} V`);
  const held = sign * entry.volts;
  checkDirection(file, entry, device, held, swept, current);
  const opposite = current.filter((i) => i < 0).length;
  if (opposite > 0) remarks.push(`${opposite} current${opposite === 1 ? ' has' : 's have'} the other sign`);
  return {
    file: basename(entry.file),
    kind,
    held,
    swept,
    amperes: current,
    lines: order.map((i) => chosen.lines[i]!),
    remarks,
    ...(hysteresis === undefined ? {} : { hysteresisVolts: hysteresis }),
  };
}

/** Units in which the largest number of a file is a current of a printed transistor, the largest unit first. */
export function unitsThatFit(largest: number): string[] {
  return ['A', 'mA', 'uA', 'nA', 'pA'].filter((unit) => {
    const amperes = largest * CURRENT_UNITS[unit]!;
    return amperes <= MOST_AMPERES && amperes >= 1e-9;
  });
}

/** Points whose voltage goes against the sweep. */
function disorder(volts: Float64Array): number {
  const direction = Math.sign(volts.at(-1)! - volts[0]!);
  return volts.reduce((count, v, i) => (i > 0 && (v - volts[i - 1]!) * direction < 0 ? count + 1 : count), 0);
}

/** A device conducts where gate and drain are on the side of its polarity. */
function checkDirection(
  file: string,
  { volts, kind }: CurveEntry,
  { polarity }: DeviceEntry,
  held: number,
  swept: Float64Array,
  amperes: Float64Array,
): void {
  const terminal = kind === 'transfer' ? 'gate' : 'drain';
  const side = polarity === 'p' ? 'negative' : 'positive';
  const [volts0, volts1] = [swept[0]!, swept.at(-1)!].map((v) => (polarity === 'p' ? -v : v));
  if (Math.abs(amperes.at(-1)!) < Math.abs(amperes[0]!))
    throw new InputFileError(
      { file },
      `conducts more at ${volts0} V on the ${terminal} than at ${volts1} V, and a ${polarity}-type conducts at the ${side} end of its sweep`,
      `Check polarity (${polarity}) and the signs of the volts.`,
    );
  if (kind === 'transfer' && held <= 0)
    throw new InputFileError(
      { file },
      `is a transfer curve with ${volts} V on the drain, and the drain of a ${polarity}-type is held at ${side} volts`,
      'Give volts with their sign.',
    );
}
