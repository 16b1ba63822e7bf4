/** What the numbers of a column are. */
export type Quantity = 'voltage' | 'current' | 'time' | 'other';

/** A column's header in parts. */
export interface ColumnHeader {
  readonly quantity: Quantity;
  /** The unit that the header names, such as mA; undefined where it names none. */
  readonly unit: string | undefined;
  /** What a number of the column is times in volts, amperes or seconds. */
  readonly factor: number;
}

const PREFIXES: Readonly<Record<string, number>> = {
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  u: 1e-6,
  µ: 1e-6,
  μ: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
};
const BASES: Readonly<Record<string, Quantity>> = { V: 'voltage', A: 'current', s: 'time' };
/** A unit in brackets or after a slash at the end, or one after a blank or an underscore, which needs a name before it. */
const ENCLOSED = /(?:\[([^[\]]*)\]|\(([^()]*)\)|\s*\/\s*([^\s/()]+))\s*$/;
const LOOSE = /[\s_]([fpnuµμmkM]?[VAs])$/;

const VOLTAGE_WORD = /volt|spannung|tension|\bbias\b/i;
const CURRENT_WORD = /curren|amp(s|ere)|strom|courant/i;
/** Short names: V, V1, V_in, VGS, AV, DrainV and I, I_cycle1, Id, AI, DrainI. */
const TERMINAL = 'gs|ds|sd|bs|te|be|top|bot|bottom|gate|drain|source|bulk|anode|cathode|g|d|s|b';
const CYCLE = '(?:cycle[_ ]?)?\\(?\\d*\\)?';
const SIDE = '(?:gate|drain|source|anode|cathode|bulk)';
const VOLTAGE_NAME = new RegExp(
  `^(?:[a-d]?[vu]|[vu][_ ]?(?:${TERMINAL}|in|out|bias|set|force|sweep|meas)|${SIDE}[_ ]?v)[_ ]?${CYCLE}$`,
  'i',
);
const CURRENT_NAME = new RegExp(`^(?:[a-d]?i|i[_ ]?(?:${TERMINAL}|meas)|${SIDE}[_ ]?i)[_ ]?${CYCLE}$`, 'i');
const TIME_NAME = /^(time|t|zeit|temps|timestamp|x_value)\b/i;
/** Limits, ranges, densities, magnitudes and logarithms are not what flowed. */
const NOT_MEASURED = /limit|compliance|range|densit|\babs|\blog|ln\(|\|/i;

/** The unit of a text such as mA, with its quantity and factor; undefined where it is none of ours. */
function unitOf(text: string): { readonly quantity: Quantity; readonly factor: number } | undefined {
  const match = /^([fpnuµμmkM]?)([VAs]|Volts?|Amps?|Amperes?)$/.exec(text.trim());
  if (match === null) return undefined;
  const quantity = BASES[match[2]![0]!]!;
  return { quantity, factor: PREFIXES[match[1]!]! };
}

/**
 * What a header says of its column: by its unit (`Voltage (V)`, `I [mA]`, `Id / uA`, `current_nA`), else by its name
 * (`voltage`, `current_cycle1`, `AI`, `DrainV`).
 */
export function readHeader(header: string): ColumnHeader {
  const enclosed = ENCLOSED.exec(header);
  const written = (enclosed?.[1] ?? enclosed?.[2] ?? enclosed?.[3])?.trim();
  const name = (enclosed === null ? header : header.slice(0, enclosed.index)).trim();
  const known = written === undefined ? undefined : unitOf(written);
  if (NOT_MEASURED.test(name)) return { quantity: 'other', unit: written, factor: 1 };
  if (known !== undefined) return { ...known, unit: written };
  // a number in brackets counts, as in I(2); any other unit is that of another quantity
  if (written !== undefined && !/^\d*$/.test(written) && enclosed?.[2] !== undefined)
    return { quantity: 'other', unit: written, factor: 1 };
  // a lone V is a name as often as a unit, and means volts as both; mV and A are units
  const lone = header.trim() === 'V' ? undefined : unitOf(header);
  if (lone !== undefined) return { ...lone, unit: header.trim() };
  const loose = LOOSE.exec(name);
  const stem = loose === null ? header.trim() : name.slice(0, loose.index);
  const unit = loose === null ? undefined : unitOf(loose[1]!);
  const quantity = quantityOf(stem);
  if (unit !== undefined && quantity === unit.quantity) return { ...unit, unit: loose![1] };
  return { quantity: quantityOf(header.trim()), unit: undefined, factor: 1 };
}

function quantityOf(name: string): Quantity {
  if (TIME_NAME.test(name)) return 'time';
  const [volts, amperes] = [
    VOLTAGE_WORD.test(name) || VOLTAGE_NAME.test(name),
    CURRENT_WORD.test(name) || CURRENT_NAME.test(name),
  ];
  if (volts === amperes) return 'other';
  return volts ? 'voltage' : 'current';
}
