import { formatPercent } from '@neuroprint/core';
import type { AgeingChoice, FittedKind, SquaresFit } from '@neuroprint/laboratory';

/** Criteria closer than this do not tell two laws apart. */
const SAME = 2;
const YEAR = 365;

const plusMinus = (value: number, error: number): string =>
  `${Number(value.toPrecision(4))} ± ${Number(error.toPrecision(2))}`;

/** What stands beside a law in a fit, in words. */
export function extrasInWords({ shift, contact }: FittedKind['extras']): string {
  return [...(shift ? ['shifted outputs'] : []), ...(contact ? ['contacts'] : [])].join(' and ');
}

/** A kind of transistor for a person: every law with its errors, the numbers of the chosen one, and what it does not follow. */
export function kindLines({ transistor, polarity, devices, ranking, chosen, warnings }: FittedKind): string[] {
  const best = ranking[0]!.criterion;
  return [
    `${transistor} (${polarity}-type): ${chosen}`,
    ...devices.flatMap(({ entry, points, fits }) => [
      ...points.curves.flatMap(({ file, remarks }) => remarks.map((remark) => `read       ${file}: ${remark}`)),
      ...ranking.map(({ law, criterion }) => {
        const fit = fits[law]!;
        const extras = extrasInWords(fit.extras);
        const decades = fit.decades === undefined ? '' : `${fit.decades.toFixed(3)} decades, `;
        return `${law === chosen ? '* ' : '  '}${entry.name.padEnd(8)} ${law.padEnd(14)} ${decades}${formatPercent(fit.share)} of the largest current (rms)${extras === '' ? '' : `, with ${extras}`}; criterion +${(criterion - best).toFixed(1)}`;
      }),
      ...fits[chosen]!.parameters.slice(0, fits[chosen]!.lawParameters).map(
        ({ name, unit, value, log, standardError, atBound }) => {
          const error = log ? value * standardError : standardError;
          return `  ${entry.name.padEnd(8)} ${name.padEnd(14)} ${plusMinus(value, error)}${unit === '1' ? '' : ` ${unit}`}${atBound ? ' (at its bound)' : ''}`;
        },
      ),
    ]),
    ...warnings.map((warning) => `warning    ${warning}`),
  ];
}

export function squaresLines({ file, resistors, sheetOhms, contactOhms, spread, hasContact }: SquaresFit): string[] {
  return [
    `${file}: ${resistors} resistors`,
    `sheet      ${plusMinus(sheetOhms.value, sheetOhms.standardError)} ohms per square`,
    `contacts   ${plusMinus(contactOhms.value, contactOhms.standardError)} ohms, both together${hasContact ? '' : ': not told from nothing'}`,
    `spread     ${formatPercent(spread.value)} ± ${formatPercent(spread.standardError)} from resistor to resistor`,
  ];
}

/** Laws of ageing for a person, with what they say of a year: beyond the last measurement they part. */
export function ageingLines({ of, table, fits }: AgeingChoice): string[] {
  const [best] = fits;
  const last = table.days.at(-1)!;
  const rms = (value: number): string => (of === 'resistors' ? formatPercent(value) : `${value.toPrecision(3)} V`);
  const rivals = fits.filter(({ law, criterion }) => law !== best!.law && criterion - best!.criterion < SAME);
  return [
    `${table.file}: ${table.devices.length} ${of} over ${Number(last.toPrecision(4))} days: ${best!.law}`,
    ...fits.map(
      ({ law, common, rms: left, criterion }, i) =>
        `${i === 0 ? '* ' : '  '}${law.padEnd(12)} ${common ? 'one shape for all' : 'a shape each     '}  ${rms(left)} (rms); criterion +${(criterion - best!.criterion).toFixed(1)}`,
    ),
    `a          ${plusMinus(best!.a.value, best!.a.standardError)}${best!.spread === undefined ? '' : `, ${best!.a.log ? formatPercent(Math.sqrt(best!.spread.covariance[0]![0]!)) : Math.sqrt(best!.spread.covariance[0]![0]!).toPrecision(2)} from device to device`}`,
    `shape      ${plusMinus(best!.shape.value, best!.shape.standardError)}`,
    ...(last < YEAR && rivals.length > 0
      ? [
          `warning    ${rivals.map(({ law }) => law).join(' and ')} fits as well, and beyond ${Number(last.toPrecision(4))} days they part: an extrapolation rests on which of them is true`,
        ]
      : []),
  ];
}
