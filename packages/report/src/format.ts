/** Numbers as people read them: SI prefixes, a real minus sign, a no-break space before the unit. */

import { formatEngineering, NO_BREAK_SPACE, withMinus } from '@neuroprint/core/words';

export { formatEngineering };

/** Volts with 3 significant digits: `0.42 nV`, `−1.20 mV`. */
export function formatVolts(volts: number, digits = 3): string {
  return formatEngineering(volts, 'V', digits);
}

/** Engineering notation of a number that someone chose: at most 4 digits and no needless zeros, `10 µV`. */
export function formatRound(value: number, unit: string): string {
  return formatEngineering(value, unit, 4)
    .replace(/(\.\d*?)0+(?=\D|$)/, '$1')
    .replace(/\.(?=\D|$)/, '');
}

/** Ohms with 4 significant digits and no needless zeros: `100 kΩ`, `2.345 MΩ`. */
export function formatOhms(ohms: number): string {
  return formatRound(ohms, 'Ω');
}

/** Metres, as lengths on a print are given: `30 µm`, `1.2 mm`. */
export function formatMetres(metres: number): string {
  return formatRound(metres, 'm');
}

/** Watts: `52.3 µW`. */
export function formatWatts(watts: number): string {
  return formatEngineering(watts, 'W');
}

/** An area given in square metres, in mm² or, below 0.01 mm², in µm². */
export function formatArea(squareMetres: number): string {
  const [value, unit] = Math.abs(squareMetres) >= 1e-8 ? [squareMetres * 1e6, 'mm²'] : [squareMetres * 1e12, 'µm²'];
  return `${withMinus(String(Number(value.toPrecision(3))))}${NO_BREAK_SPACE}${unit}`;
}

/** A component value in the unit of its parameter. */
export function formatValue(value: number, unit: 'ohms' | 'metres'): string {
  return unit === 'ohms' ? formatOhms(value) : formatMetres(value);
}

/** A share as per cent with one decimal: `96.7 %`. */
export function formatPercent(share: number): string {
  return `${withMinus((share * 100).toFixed(1))}${NO_BREAK_SPACE}%`;
}

/** A relative spread to both sides: `±10 %`. */
export function formatSpread(share: number): string {
  return `±${Number((share * 100).toPrecision(3))}${NO_BREAK_SPACE}%`;
}

/** A whole number with commas between thousands: `1,500`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 resistor`, `27 resistors`. */
export function formatPlural(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** A pure number in a table: `3.1e−7`, `0.9983`. */
export function formatNumber(value: number, digits = 4): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e6) return withMinus(String(Number(value.toPrecision(digits))));
  return withMinus(value.toExponential(Math.max(0, digits - 2)))
    .replace('e−', 'e−')
    .replace('e+', 'e');
}
