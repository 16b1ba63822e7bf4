import { formatPercent } from '@neuroprint/core';
import type { AgeingChoice, DeviceFit, FittedKind, SquaresFit, TransistorCard } from '@neuroprint/laboratory';

/** Criteria closer than this do not tell two laws apart. */
const SAME = 2;
const YEAR = 365;

const plusMinus = (value: number, error: number): string =>
  `${Number(value.toPrecision(4))} ± ${Number(error.toPrecision(2))}`;

/** What stands beside a law in a fit, in words. */
export function extrasInWords({ shift, contact }: FittedKind['extras']): string {
  return [...(shift ? ['shifted outputs'] : []), ...(contact ? ['contacts'] : [])].join(' and ');
}

/** Devices of a kind that have lines of their own, and warnings that are printed; the report has them all. */
const SHOWN_DEVICES = 6;
const SHOWN_WARNINGS = 12;

/** A kind of transistor for a person: every law with its errors, the numbers of the chosen one, their spread, and what it does not follow. */
export function kindLines(kind: FittedKind, { spread }: TransistorCard): string[] {
  const { transistor, polarity, devices, ranking, chosen, warnings } = kind;
  const best = ranking[0]!.criterion;
  const isShort = devices.length <= SHOWN_DEVICES;
  const remarks = devices.flatMap(({ points }) =>
    points.curves.flatMap(({ file, remarks: said }) => said.map((remark) => `read       ${file}: ${remark}`)),
  );
  const more = warnings.length - SHOWN_WARNINGS;
  return [
    `${transistor} (${polarity}-type): ${chosen}`,
    ...remarks.slice(0, SHOWN_WARNINGS),
    ...(isShort
      ? devices.flatMap(({ entry, fits }) => [
          ...ranking.map(({ law, criterion }) => lawLine(entry.name, fits[law]!, law === chosen, criterion - best)),
          ...numberLines(entry.name, fits[chosen]!),
        ])
      : ranking.map(({ law, criterion }) => {
          const fits = devices.map((device) => device.fits[law]!);
          const worst = fits.reduce((a, b) => (b.share > a.share ? b : a));
          return `${lawLine(`${devices.length} devices`, worst, law === chosen, criterion - best)} (the worst)`;
        })),
    ...(spread === undefined
      ? []
      : [
          `spread     ${spread.parameters.map((name, k) => deviationInWords(name, spread.scale[k]!, spread.covariance[k]![k]!)).join(', ')}; ${formatPercent(spread.sheetShare)} of the variance is that of sheets`,
        ]),
    ...warnings.slice(0, SHOWN_WARNINGS).map((warning) => `warning    ${warning}`),
    ...(more > 0 ? [`warning    and ${more} more: the report has them all`] : []),
  ];
}

function lawLine(name: string, fit: DeviceFit, isChosen: boolean, criterion: number): string {
  const extras = extrasInWords(fit.extras);
  const decades = fit.decades === undefined ? '' : `${fit.decades.toFixed(3)} decades, `;
  return `${isChosen ? '* ' : '  '}${name.padEnd(8)} ${fit.law.padEnd(14)} ${decades}${formatPercent(fit.share)} of the largest current (rms)${extras === '' ? '' : `, with ${extras}`}; criterion +${criterion.toFixed(1)}`;
}

function numberLines(device: string, { parameters, lawParameters }: DeviceFit): string[] {
  return parameters.slice(0, lawParameters).map(({ name, unit, value, log, standardError, atBound }) => {
    const error = log ? value * standardError : standardError;
    return `  ${device.padEnd(8)} ${name.padEnd(14)} ${plusMinus(value, error)}${unit === '1' ? '' : ` ${unit}`}${atBound ? ' (at its bound)' : ''}`;
  });
}

function deviationInWords(name: string, scale: 'log' | 'linear', variance: number): string {
  const deviation = Math.sqrt(variance);
  return `${name} ${scale === 'log' ? formatPercent(deviation) : Number(deviation.toPrecision(3))}`;
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
