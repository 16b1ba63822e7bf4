import {
  type AgeingReport,
  type Corner,
  formatPercent,
  formatUnits,
  formatWatts,
  isLopsided,
  type LaidOutReport,
  type LayoutCheck,
  lineInWords,
  type ModelAgreement,
  type ModelDistance,
  type RegressionReport,
  type StabilityReport,
} from '@neuroprint/core';
import { MOST_NODES_WITHOUT_KLU, type VerifyResult } from '@neuroprint/verifier';
import { recallLines } from './train-scores.ts';

type Report = VerifyResult['report'];

const SHOWN_COMPONENTS = 3;

/** A verification in a few lines for a person. */
export function verificationLines(report: Report): string[] {
  const { simulator, stability, regression, coldStart } = report;
  return [
    `simulator    ${simulator.name} ${simulator.version}${report.laidOut?.maxErrorVolts === null ? '; not of the circuit with the lines of its layout, which has too many nodes: that is by the exact solver alone' : ''}`,
    `voltages     ${report.cases} cases × ${report.nodes} nodes, largest difference ${volts(report.maxErrorVolts)} (case ${report.worst.case}, ${report.worst.node}), 99th percentile ${volts(report.p99ErrorVolts)}`,
    `cold start   ${coldStart.rows} rows again, each alone: within ${volts(coldStart.maxDifferenceVolts)}`,
    ...(report.secondSimulator === undefined
      ? []
      : [
          `the other    ${report.secondSimulator.name} ${report.secondSimulator.version}: within ${volts(report.secondSimulator.maxDifferenceVolts)}`,
        ]),
    ...(report.layout === undefined ? [] : layoutLines(report.layout)),
    ...(report.laidOut === undefined ? [] : [laidOutLine(report.laidOut)]),
    ...(stability === undefined ? [] : stabilityLines(stability)),
    ...(regression === undefined ? recallFirst(report) : regressionLines(regression)),
    ...(report.ageing === undefined ? [] : ageingLines(report.ageing)),
    ...(report.modelAgreement === undefined ? [] : [modelLine(report.modelAgreement)]),
    ...(report.modelDistance === undefined ? [] : [distanceLine(report.modelDistance)]),
    powerLine(report),
    ...copiesLines(report),
  ];
}

/** The power, that of the copies in ngspice, and the budget of the network where it has one. */
function powerLine({ watts, monteCarlo, regression, promises }: Report): string {
  const copies = (monteCarlo ?? regression?.monteCarlo)?.power;
  const limit = promises?.lines.find(({ name }) => name === 'maximumPowerWatts')?.limit;
  return [
    `power        ${formatWatts(watts)}`,
    ...(copies === undefined ? [] : [`95 % of the copies in ngspice up to ${formatWatts(copies.p95Watts)}`]),
    ...(limit === undefined ? [] : [`the budget is ${formatWatts(limit)}`]),
  ].join(', ');
}

/** Whether what would be printed is the circuit, and which of its files somebody has changed. */
function layoutLines({ file, matches, differences, changed, ...found }: LayoutCheck): string[] {
  const { nets, resistors, transistors, worstOhms } = found;
  return [
    matches
      ? `layout       ${file}, read back, is the netlist: ${nets} nets, ${resistors} resistors within ${(100 * worstOhms).toFixed(2)} %, ${transistors} transistors`
      : `layout       ${nets === 0 ? '' : `${file} is NOT the netlist: `}${differences[0]}${differences.length > 1 ? `, and ${differences.length - 1} more` : ''}`,
    ...changed.map(
      (one) => `             ${one.file} is ${one.how === 'edited' ? 'not the file that compile wrote' : one.how}`,
    ),
  ];
}

/** What the lines of the layout do to the circuit. */
function laidOutLine(found: LaidOutReport): string {
  const { accuracy, regression, resistors, node, largestShiftVolts, maxErrorVolts, decisionsMoved } = found;
  const score = regression === undefined ? formatPercent(accuracy) : `RMSE ${formatUnits(regression.rmse)}`;
  return `as laid out  ${score} with ${resistors} resistors of lines, which move ${node} by ${volts(largestShiftVolts)} and ${decisionsMoved} decisions; ${maxErrorVolts === null ? `more than ${MOST_NODES_WITHOUT_KLU.toLocaleString('en')} nodes: all cases by the exact solver, none in ngspice` : `exact solver and ngspice within ${volts(maxErrorVolts)}`}`;
}

/** Copies, corners, blame and what a specification makes of them. */
export function copiesLines({
  monteCarlo,
  corners,
  blame,
  specification,
}: Pick<Report, 'monteCarlo' | 'corners' | 'specification'> & {
  readonly blame?: Omit<NonNullable<Report['blame']>, 'steps'> | undefined;
}): string[] {
  return [
    ...(monteCarlo === undefined
      ? []
      : [
          `printed      ${formatPercent(monteCarlo.meanAccuracy)} ± ${formatPercent(monteCarlo.stdAccuracy)} over ${monteCarlo.draws} copies under ${monteCarlo.law ?? `${formatPercent(monteCarlo.relativeSpread)} variation`}, worst ${formatPercent(monteCarlo.minAccuracy)}`,
          `yield        ${formatPercent(monteCarlo.yield)} reach ${formatPercent(monteCarlo.yieldAccuracy)} (95 % interval ${formatPercent(monteCarlo.yieldInterval[0])} to ${formatPercent(monteCarlo.yieldInterval[1])})${unstableInWords(monteCarlo)}`,
          `in ngspice   ${monteCarlo.simulatedDraws} of the copies: largest difference ${volts(monteCarlo.maxErrorVolts)}, ${monteCarlo.decisionsDiffering} decisions differ, ${monteCarlo.ties} ties${unsimulatedInWords(monteCarlo)}`,
        ]),
    ...(corners ?? []).map((corner) => `${corner.factor.padEnd(12)} ${cornerInWords(corner)}`),
    ...(blame === undefined
      ? []
      : [
          `blame        ${blame.expectedFlips.toFixed(2)} decisions are expected to flip under ${blame.law ?? `${formatPercent(blame.relativeSpread)} variation`}; ${blame.components
            .slice(0, SHOWN_COMPONENTS)
            .map(({ name, share }) => `${name} ${formatPercent(share)}`)
            .join(', ')}`,
          `worst corner accuracy ${formatPercent(blame.worstCorner.accuracy)}; ${formatPercent(blame.worstCorner.guaranteed)} of the decisions hold at a worst corner of their own`,
          ...(blame.leftOut ?? []).map((what) => `left out     ${what}`),
        ]),
    ...(specification?.lines ?? []).map(
      (line) => `${line.passes ? 'passes' : 'FAILS '}       ${specification!.file}, line ${line.line}: ${line.message}`,
    ),
  ];
}

/** Printed copies as they age: at the days that were asked for, and the day from which they are not good enough. */
function ageingLines({ law, measuredDays, limitAccuracy, failsAtDay, points, asked }: AgeingReport): string[] {
  const last = points.at(-1)!.days;
  const isContinued = (days: number): boolean => days > measuredDays[1];
  const fails =
    failsAtDay === null
      ? `the mean stays at ${formatPercent(limitAccuracy)} or more to day ${last}`
      : `the mean falls below ${formatPercent(limitAccuracy)} at day ${failsAtDay.toPrecision(3)}${isContinued(failsAtDay) ? ' (extrapolated)' : ''}`;
  return [
    ...asked.map(
      ({ days, extrapolated, meanAccuracy, p5Accuracy, yield: good, simulatedDraws, maxErrorVolts }) =>
        `day ${String(days).padEnd(8)} ${formatPercent(meanAccuracy)} mean, ${formatPercent(p5Accuracy)} at the 5th percentile, yield ${formatPercent(good)}; ${simulatedDraws} copies in ngspice within ${volts(maxErrorVolts)}${extrapolated ? ' (extrapolated)' : ''}`,
    ),
    `ageing       ${fails}`,
    ...(isContinued(last)
      ? [
          `extrapolated resistors were measured to day ${measuredDays[1]}; beyond it the fitted law (${law}) is only continued`,
        ]
      : []),
  ];
}

/** Copies that run away are not good, whatever they would decide. */
function unstableInWords({
  unstableDraws,
  draws,
}: {
  readonly unstableDraws?: number | undefined;
  readonly draws: number;
}): string {
  return unstableDraws === undefined ? '' : `; ${unstableDraws} of ${draws} do not stay at their operating point`;
}

function unsimulatedInWords({ unsimulatedDraws }: { readonly unsimulatedDraws?: number | undefined }): string {
  return unsimulatedDraws === undefined ? '' : `; in ${unsimulatedDraws} more it found no operating point of some row`;
}

function volts(value: number): string {
  return `${value.toExponential(1)} V`;
}

/** Decisions and recall by class, recall first where nearly all rows are of one class. */
function recallFirst(report: Report): string[] {
  const { byClass } = report;
  if (byClass === undefined) return decisionLines(report);
  const recall = byClassLines(byClass);
  return isLopsided(byClass.classes) ? [...recall, ...decisionLines(report)] : [...decisionLines(report), ...recall];
}

/** Recall by class in ngspice, and balanced accuracy of the models that there are. */
export function byClassLines({ balancedAccuracy, classes }: NonNullable<Report['byClass']>): string[] {
  const { network, circuit, ngspice } = balancedAccuracy;
  return recallLines(
    classes.map((one) => ({ ...one, recall: one.ngspice })),
    `accuracy ${network === null ? '' : `network ${formatPercent(network)}, `}circuit ${formatPercent(circuit)}, ngspice ${formatPercent(ngspice)}`,
  ).map(([name, text]) => `${name.padEnd(12)} ${text}`);
}

/** What a classifier decides. */
function decisionLines({ accuracy, decisionAgreement, ties, marginVolts }: Report): string[] {
  const margin =
    marginVolts === undefined ? '' : `; margin ${(1000 * marginVolts.p5).toFixed(1)} mV at the 5th percentile`;
  return [
    `accuracy     network ${formatPercent(accuracy.network)}, circuit ${formatPercent(accuracy.circuit)}, ngspice ${formatPercent(accuracy.ngspice)}`,
    `decisions    ${formatPercent(decisionAgreement)} as the network decides, ${ties} ties${margin}`,
  ];
}

/** Errors and correlations of the three models of a regression network. */
export function scoreLine({
  network,
  circuit,
  ngspice,
}: Pick<RegressionReport, 'network' | 'circuit' | 'ngspice'>): string {
  const score = (one: RegressionReport['network']): string =>
    one === null ? 'unknown' : `${formatUnits(one.rmse)} (R ${one.r.toFixed(3)})`;
  return `RMSE         network ${score(network)}, circuit ${score(circuit)}, ngspice ${score(ngspice)}`;
}

/** How often what was made of a model decides as that does. */
function modelLine({ file, network, circuit, ngspice, copies }: ModelAgreement): string {
  const printed =
    copies === undefined ? '' : `, printed copies ${formatPercent(copies.mean)} ± ${formatPercent(copies.std)}`;
  return `as the model ${file}: network ${formatPercent(network)}, circuit ${formatPercent(circuit)}, ngspice ${formatPercent(ngspice)}${printed}`;
}

function distanceLine({ file, network, circuit, ngspice }: ModelDistance): string {
  return `as the model ${file}: network within RMSE ${formatUnits(network)} of it, circuit ${formatUnits(circuit)}, ngspice ${formatUnits(ngspice)}`;
}

function regressionLines(regression: RegressionReport): string[] {
  const { monteCarlo } = regression;
  return [
    `line         ${lineInWords({ kind: 'regression', ...regression })} volts`,
    scoreLine(regression),
    ...(monteCarlo === undefined
      ? []
      : [
          `printed      RMSE ${formatUnits(monteCarlo.mean)} ± ${formatUnits(monteCarlo.std)} over ${monteCarlo.draws} copies under ${monteCarlo.law}, 5th to 95th percentile ${formatUnits(monteCarlo.p5)} to ${formatUnits(monteCarlo.p95)}, worst ${formatUnits(monteCarlo.max)}`,
          `yield        ${formatPercent(monteCarlo.yield)} have an RMSE of ${formatUnits(monteCarlo.yieldRmse)} or less (95 % interval ${formatPercent(monteCarlo.yieldInterval[0])} to ${formatPercent(monteCarlo.yieldInterval[1])})${unstableInWords(monteCarlo)}`,
          `in ngspice   ${monteCarlo.simulatedDraws} of the copies: largest difference ${volts(monteCarlo.maxErrorVolts)}${unsimulatedInWords(monteCarlo)}`,
        ]),
  ];
}

/** Whether the circuit stays at its operating points. */
export function stabilityLines({ verdict, reason, slowestSeconds, assumed, copies }: StabilityReport): string[] {
  return [
    `stability    ${verdict}: ${reason}`,
    ...(slowestSeconds === null
      ? []
      : [
          `settling     slowest time constant ${slowestSeconds.toPrecision(3)} s${assumed ? ' (rests on assumed numbers)' : ''}`,
        ]),
    ...(copies === null || copies.unstable === 0
      ? []
      : [
          `unstable     ${copies.unstable} of ${copies.draws} copies under ${copies.law ?? `${formatPercent(copies.relativeSpread)} variation`}`,
        ]),
  ];
}

function cornerInWords({ unit, fails, points, limitAccuracy, notStable = [] }: Corner): string {
  const show = (value: number): string =>
    unit === 'celsius'
      ? `${Number(value.toPrecision(3))} °C`
      : unit === 'relative'
        ? `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)} %`
        : unit === 'volts'
          ? `${value > 0 ? '+' : ''}${(1000 * value).toFixed(0)} mV`
          : `${(value / 1000).toPrecision(3)} kiloohms`;
  const [first, last] = [points[0]!.value, points.at(-1)!.value];
  const ends = [
    ...(fails.below === null ? [] : [show(fails.below)]),
    ...(fails.above === null ? [] : [show(fails.above)]),
  ];
  return `${ends.length === 0 ? 'never' : `at ${ends.join(' and ')}`} below ${formatPercent(limitAccuracy)} (from ${show(first)} to ${show(last)})${notStable.map(({ value, verdict }) => `; ${verdict} at ${show(value)}`).join('')}`;
}
