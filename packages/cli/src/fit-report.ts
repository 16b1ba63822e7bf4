import { basename } from 'node:path';
import { LAW_LIBRARY } from '@neuroprint/circuit';
import { formatPercent } from '@neuroprint/core';
import type {
  AgeingChoice,
  FittedDevice,
  FittedKind,
  LawName,
  SquaresFit,
  TransistorCard,
} from '@neuroprint/laboratory';
import type { FitDeviceData, FitKindData, FitReportData } from '@neuroprint/report';
import { ageingLines, extrasInWords } from './fit-lines.ts';

/** The page of a fit from what was fitted. */
export function fitReportData(
  title: string,
  kinds: readonly FittedKind[],
  cards: Readonly<Record<string, TransistorCard>>,
  squares: SquaresFit | undefined,
  ageing: AgeingChoice | undefined,
): FitReportData {
  return {
    title,
    kinds: kinds.map((kind) => kindData(kind, cards[kind.transistor]!)),
    ...(squares === undefined ? {} : { squares: squaresData(squares) }),
    ...(ageing === undefined ? {} : { ageing: ageingData(ageing) }),
  };
}

function kindData(kind: FittedKind, { spread }: TransistorCard): FitKindData {
  const { text } = LAW_LIBRARY[kind.chosen as LawName];
  return {
    transistor: kind.transistor,
    polarity: kind.polarity,
    law: kind.chosen,
    text: [
      ...Object.entries(text.let ?? {}).map(([name, written]) => `${name} = ${written}`),
      `I = ${text.drainAmperes}`,
    ],
    source: text.source ?? kind.chosen,
    warnings: kind.warnings,
    devices: kind.devices.map((device) => deviceData(kind, device)),
    ...(spread === undefined ? {} : { spread }),
  };
}

function deviceData({ chosen, ranking, polarity }: FittedKind, { entry, points, fits }: FittedDevice): FitDeviceData {
  const fit = fits[chosen]!;
  const sign = polarity === 'p' ? -1 : 1;
  let at = 0;
  const curves = points.curves.map(({ file, kind, held, swept, amperes }) => {
    const model = fit.currents.subarray(at, at + swept.length);
    at += swept.length;
    return { file, kind, held: sign * held, volts: swept.map((v) => sign * v + 0), amperes, model };
  });
  return {
    name: entry.name,
    ...(entry.sheet === undefined ? {} : { sheet: entry.sheet }),
    curves,
    laws: ranking.map(({ law, criterion }) => {
      const { decades, share, extras } = fits[law]!;
      return { law, decades, share, criterion, extras: extrasInWords(extras) };
    }),
    parameters: fit.parameters.map(({ name, unit, value, log, standardError, atBound, undetermined }) => ({
      name: name.replace(/^floor (\d+)$/, (_, c: string) => `floor of ${points.curves[Number(c)]!.file}`),
      unit: unit === '1' ? '' : unit,
      value,
      error: log ? value * standardError : standardError,
      remark: undetermined ? 'not determined by these curves' : atBound ? 'at a bound of the law' : '',
    })),
    correlations: fit.correlations,
  };
}

function squaresData({ file, resistors, squares, ohms, sheetOhms, contactOhms, spread }: SquaresFit) {
  const within = ({ value, standardError }: SquaresFit['sheetOhms']): string =>
    `${Number(value.toPrecision(4))} ± ${Number(standardError.toPrecision(2))} Ω`;
  return {
    file: basename(file),
    squares,
    ohms,
    sheetOhms: sheetOhms.value,
    contactOhms: contactOhms.value,
    facts: [
      { name: 'Resistors', value: String(resistors) },
      { name: 'Sheet resistance', value: `${within(sheetOhms)} per square` },
      { name: 'Both contacts', value: within(contactOhms) },
      { name: 'Spread', value: `${formatPercent(spread.value)} ± ${formatPercent(spread.standardError)}` },
    ],
  };
}

function ageingData(choice: AgeingChoice) {
  const { of, table, fits } = choice;
  return {
    file: basename(table.file),
    of,
    days: table.days,
    devices: table.devices.map(({ name, values }, d) => ({ name, values, predicted: fits[0]!.devices[d]!.predicted })),
    laws: fits.map(({ law, common, rms, criterion }) => ({
      law,
      shapes: common ? 'one for all' : 'one a device',
      rms: of === 'resistors' ? formatPercent(rms) : `${rms.toPrecision(3)} V`,
      criterion,
    })),
    lines: ageingLines(choice).filter((line) => !/^[* ]/.test(line)),
  };
}
