import { toleranceVolts } from '@neuroprint/circuit';
import { type ErrorMonteCarlo, isLopsided, type TargetScore, type VerificationReport } from '@neuroprint/core';
import {
  formatArea,
  formatCount,
  formatNumber,
  formatPercent,
  formatPlural,
  formatRound,
  formatSpread,
  formatVolts,
  formatWatts,
} from '../format.ts';
import { assumedMark } from './assumptions.ts';
import type { CompileReportData, MonteCarloResult } from './compile-data.ts';
import { type Html, type HtmlPart, html } from './html.ts';
import { facts } from './page.ts';

/** First lines of the page: what was compiled, whether it is right, and the figures one asks for first. */
export function pageHead(data: CompileReportData): Html {
  return html`<p class="lead">${whatWasCompiled(data)}</p>
${verdict(data)}
${facts(keyFigures(data))}`;
}

function whatWasCompiled({ network, technology, dataset, totals }: CompileReportData): string {
  const shape = [network.inputs.length, ...network.layers.map((layer) => layer.conductancesSiemens[0]!.length)].join(
    '–',
  );
  const rule = network.layers.some(({ nodeRule }) => nodeRule === 'kirchhoff')
    ? 'op-amp negative resistances'
    : 'negative-weight inverters';
  const trainedOn = dataset?.name ?? network.training?.dataset;
  const parts = [
    formatPlural(totals.resistors, 'resistor'),
    formatPlural(totals.transistors, 'transistor'),
    ...(totals.opamps > 0 ? [formatPlural(totals.opamps, 'op-amp')] : []),
  ];
  const rows =
    dataset &&
    ` (${formatCount(dataset.rows.train)} training, ${formatCount(dataset.rows.valid)} validation and ${formatCount(dataset.rows.test)} test rows)`;
  return `A ${shape} network${trainedOn === undefined ? '' : ` trained on ${trainedOn}${rows ?? ''}`}, compiled for the technology ${technology.name} with ${rule}: ${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}.`;
}

/** `netlist.cir has changed since it was verified: …` */
export function staleInWords(files: readonly string[]): string {
  const names = files.length < 2 ? files.join('') : `${files.slice(0, -1).join(', ')} and ${files.at(-1)}`;
  return `${names} ${files.length < 2 ? 'is not the file that was' : 'are not the files that were'} verified: what verify found is of another netlist, and none of it is shown.`;
}

function verdict({ verification, stale = [], failures = [], netlistComparison, technology }: CompileReportData): Html {
  // a netlist whose ngspice voltages are further from the predicted ones is at fault
  const tolerance = toleranceVolts(technology);
  const unkept =
    failures.length > 0 &&
    html`<p><strong>Not as promised: ${failures[0]!}.</strong></p>${failures.slice(1).map((text) => html`<p><strong>${text[0]!.toUpperCase()}${text.slice(1)}.</strong></p>`)}`;
  const wrongNetlist =
    netlistComparison?.matches === false &&
    html`<p><strong>The netlist is not the network: ${formatPlural(netlistComparison.differences.length, 'difference')}.</strong></p>`;
  if (verification === undefined) {
    const isStale = stale.length > 0;
    const alarm = wrongNetlist || unkept || isStale;
    return html`<div class="verdict ${alarm ? 'alarm' : 'open'}"><span class="sign" aria-hidden="true">${alarm ? '!' : '?'}</span>
${wrongNetlist}${unkept}<p><strong>${isStale ? 'Not simulated as it is.' : 'Not simulated yet.'}</strong>${isStale && ` ${staleInWords(stale)}`}</p>
${(wrongNetlist || isStale) && html`<p>What is shown below is of the circuit as it was compiled, not of the netlist as it is.</p>`}<p><code>neuroprint verify --netlist</code> with the path of this folder compares every node with ngspice.</p></div>`;
  }
  const agrees = verification.maxErrorVolts <= tolerance;
  const { stability } = verification;
  const leaves =
    stability !== undefined &&
    stability.verdict !== 'stable' &&
    html`<p><strong>The circuit is ${stability.verdict}: ${stability.reason}.</strong></p>`;
  const isGood = agrees && !wrongNetlist && !leaves && !unkept;
  const volts = formatVolts(verification.maxErrorVolts);
  const extent = `${formatPlural(verification.cases, 'row')} × ${formatPlural(verification.nodes, 'node')}`;
  return html`<div class="verdict${isGood ? '' : ' alarm'}"><span class="sign" aria-hidden="true">${isGood ? '✓' : '!'}</span>
${wrongNetlist}${leaves}${unkept}<p><strong>${agrees ? 'ngspice finds the predicted voltages' : 'ngspice does not find the predicted voltages'}: largest difference ${volts}.</strong></p>
<p>${extent}, worst at node <code>${verification.worst.node}</code> in row ${verification.worst.case}. ${decisionsKept(verification)}</p>
<p><small>${simulatorInWords(verification)}. Tolerance ${formatRound(tolerance, 'V')}: a larger difference is a fault of the compiler.</small></p></div>`;
}

/** `31 of 31 decisions are those of the network.` */
export function decisionsKept({ decisionAgreement, cases, ties }: VerificationReport): string {
  if (decisionAgreement === null) return '';
  const kept = Math.round(decisionAgreement * cases);
  const tied =
    ties === 0 ? '' : ` ${formatPlural(ties, 'row is a tie', 'rows are ties')}, closer than twice the voltage error.`;
  return `${formatCount(kept)} of ${formatCount(cases)} decisions are those of the trained network.${tied}`;
}

/** `ngspice 42, from the PATH`. */
function simulatorInWords({ simulator }: VerificationReport): string {
  const version = simulator.version.replace(/^ngspice[- ]?/i, '');
  return `Simulated with ngspice ${version}, ${simulator.name === 'embedded' ? 'the embedded engine' : 'the installed program'}`;
}

function keyFigures({ technology, verification, ladder, totals, network }: CompileReportData) {
  const { assumed } = technology;
  const accuracy = verification?.accuracy;
  const mark = assumedMark('accuracy', assumed);
  const naive = ladder?.find(({ step }) => /naive/i.test(step))?.accuracyTest;
  const networkAccuracy = accuracy?.network ?? network.metrics?.accuracy.test;
  const share = (name: string, value: number | null | undefined, note: string, marked: HtmlPart = mark) =>
    value === null || value === undefined ? [] : [{ name, value: html`${formatPercent(value)}${marked}`, note }];
  const error = (name: string, score: TargetScore | null | undefined, note: string, marked: HtmlPart = mark) =>
    score === null || score === undefined
      ? []
      : [{ name, value: html`${formatNumber(score.rmse)}${marked}`, note: `RMSE, R ${score.r.toFixed(3)}; ${note}` }];
  const errors = verification?.regression;
  const ofNetwork = network.regressionMetrics && {
    rmse: network.regressionMetrics.rmse.test,
    r: network.regressionMetrics.r.test,
  };
  return [
    ...error(
      'Trained network',
      errors?.network ?? ofNetwork,
      'ideal fast model',
      assumedMark('fastModel', assumed) ?? '',
    ),
    ...error(
      'Naive circuit',
      ladder?.find(({ step }) => /naive/i.test(step))?.regression,
      'compiled without calibration',
    ),
    ...error('Compiled circuit', errors?.circuit, 'exact solver'),
    ...error('ngspice', errors?.ngspice, 'the netlist, simulated'),
    ...(errors?.monteCarlo === undefined ? [] : [errorFigure(errors.monteCarlo, mark)]),
    ...recallFigures(verification),
    ...share(
      'Trained network',
      networkAccuracy,
      'test accuracy, ideal fast model',
      assumedMark('fastModel', assumed) ?? '',
    ),
    ...share('Naive circuit', naive, 'compiled without calibration'),
    ...share('Compiled circuit', accuracy?.circuit, 'exact solver'),
    ...share('ngspice', accuracy?.ngspice, 'the netlist, simulated'),
    ...(verification?.monteCarlo === undefined ? [] : [variationFigure(verification.monteCarlo, mark)]),
    {
      name: 'Power',
      value: html`${formatWatts(totals.watts)}${assumedMark('power', assumed)}`,
      note: supplies(technology.supplies),
    },
    {
      name: 'Transistor channels',
      value: html`${formatArea(totals.channelAreaSquareMetres)}${assumedMark('area', assumed)}`,
      note: 'area, sum of W × L',
    },
  ];
}

/** Before accuracy where nearly all rows are of one class: the class that ngspice recognises worst, and the mean. */
function recallFigures(verification: VerificationReport | undefined) {
  const byClass = verification?.byClass;
  if (byClass === undefined || !isLopsided(byClass.classes)) return [];
  const [worst] = byClass.classes.filter(({ ngspice }) => ngspice !== null).sort((a, b) => a.ngspice! - b.ngspice!);
  return [
    {
      name: `Recall of ${worst!.class}`,
      value: formatPercent(worst!.ngspice!),
      note: `of ${formatPlural(worst!.rows, 'row')}, in ngspice`,
    },
    {
      name: 'Balanced accuracy',
      value: formatPercent(byClass.balancedAccuracy.ngspice),
      note: 'mean recall, in ngspice',
    },
  ];
}

function variationFigure(monteCarlo: MonteCarloResult, mark: HtmlPart) {
  return {
    name: 'Under variation',
    value: html`${formatPercent(monteCarlo.meanAccuracy)}${mark}`,
    note: `± ${formatPercent(monteCarlo.stdAccuracy)} std, ${monteCarlo.law ?? `${formatSpread(monteCarlo.relativeSpread)} spread`}, ${formatPlural(monteCarlo.draws, 'draw')}`,
  };
}

function errorFigure({ mean, std, law, draws }: ErrorMonteCarlo, mark: HtmlPart) {
  return {
    name: 'Under variation',
    value: html`${formatNumber(mean)}${mark}`,
    note: `RMSE, ± ${formatNumber(std, 3)} std, ${law ?? ''}, ${formatPlural(draws, 'draw')}`,
  };
}

function supplies(volts: Readonly<Record<string, number>>): string {
  return `supply ${Object.values(volts)
    .map((v) => formatRound(v, 'V'))
    .join(' and ')}`;
}
