/** Numbers with SI prefixes, a real minus sign, and a no-break space before the unit. */

const PREFIXES = ['a', 'f', 'p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T'] as const;
const UNPREFIXED = PREFIXES.indexOf('');
export const NO_BREAK_SPACE = '\u00a0';

export function withMinus(text: string): string {
  return text.replace('-', '−');
}

/**
 * Engineering notation: `formatEngineering(4.7e-8, 'V')` is `47.0 nV`. `digits` are significant digits (3 or more).
 * Zero is `0 V`; what is not finite stays visible (`NaN V`, `∞ V`); beyond 1e-18 and 1e15 the prefix gives way to a power.
 */
export function formatEngineering(value: number, unit: string, digits = 3): string {
  const tail = (prefix: string) => (prefix + unit === '' ? '' : `${NO_BREAK_SPACE}${prefix}${unit}`);
  if (value === 0) return `0${tail('')}`;
  if (!Number.isFinite(value)) return `${withMinus(String(value)).replace('Infinity', '∞')}${tail('')}`;
  // rounding first, so that 999.96 becomes 1.00 k and not 1000
  const rounded = Number(value.toPrecision(digits));
  const group = Math.floor(exponentOf(rounded) / 3);
  const prefix = PREFIXES[group + UNPREFIXED];
  if (prefix === undefined) {
    const [mantissa, power] = rounded.toExponential(digits - 1).split('e');
    return `${withMinus(mantissa!)} × 10^${withMinus(String(Number(power)))}${tail('')}`;
  }
  const decimals = Math.max(0, digits - 1 - (exponentOf(rounded) - 3 * group));
  // through the decimal text, because 1e-7·1e9 is not 100
  const scaled = Number(`${mantissaOf(rounded)}e${exponentOf(rounded) - 3 * group}`);
  return `${withMinus(scaled.toFixed(decimals))}${tail(prefix)}`;
}

function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

function mantissaOf(value: number): string {
  return value.toExponential().split('e')[0]!;
}

/** Static power in every command's output, with a plain space: `52.3 µW`. */
export function formatWatts(watts: number): string {
  return formatEngineering(watts, 'W').replace(NO_BREAK_SPACE, ' ');
}

/** What somebody may write for a prefix, beside the prefix itself. */
const SPELLINGS: Readonly<Record<string, (typeof PREFIXES)[number]>> = { u: 'µ', μ: 'µ', K: 'k' };

/**
 * The number that a person wrote for a quantity in this unit: `120k`, `1.2 MΩ`, `−30 µm`, `4.7e4`; the unit may be left out. Undefined
 * where it is no number, or one in another unit.
 */
export function parseEngineering(text: string, unit: string): number | undefined {
  const plain = text.trim().replace('−', '-');
  const [, mantissa, power = '0', tail] = /^([-+]?(?:\d+\.?\d*|\.\d+))(?:e([-+]?\d+))?\s*(.*)$/i.exec(plain) ?? [];
  if (mantissa === undefined || tail === undefined) return undefined;
  const written = tail.endsWith(unit) ? tail.slice(0, tail.length - unit.length) : tail;
  const at = PREFIXES.findIndex((prefix) => prefix === (SPELLINGS[written] ?? written));
  return at < 0 ? undefined : Number(`${mantissa}e${Number(power) + 3 * (at - UNPREFIXED)}`);
}
