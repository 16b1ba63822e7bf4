import type { ModelAgreement, ModelDistance } from '@neuroprint/core';
import { formatCount, formatNumber, formatPercent, formatPlural, formatSpread, formatVolts } from '../format.ts';
import { assumedMark } from './assumptions.ts';
import type { CompileReportData, MonteCarloResult } from './compile-data.ts';
import { type Html, html } from './html.ts';
import { facts } from './page.ts';
import { decisionsKept } from './verdict.ts';

/** Differences of the netlist that the page lists; more are counted. */
const LISTED_DIFFERENCES = 10;

/** The comparisons, apart from each other: each answers another question. Nothing where none was made. */
export function comparisons({ verification, netlistComparison, rows }: CompileReportData): Html | undefined {
  const claims = [
    verification &&
      claim(
        'Exact solver against ngspice',
        html`${formatVolts(verification.maxErrorVolts)} at most, ${formatVolts(verification.p99ErrorVolts)} at the 99th percentile`,
        'The same circuit in two solvers: tells whether the solver and the netlist’s text are right.',
      ),
    verification &&
      verification.coldStart.rows > 0 &&
      claim(
        'A cold start against the sweep',
        `${formatVolts(verification.coldStart.maxDifferenceVolts)} at most, on ${formatPlural(verification.coldStart.rows, 'random row')}`,
        'Each row alone in ngspice: tells whether starting from the row before hid a second operating point.',
      ),
    verification?.secondSimulator &&
      claim(
        'One simulator against the other',
        `${formatVolts(verification.secondSimulator.maxDifferenceVolts)} at most`,
        `The same rows in ngspice ${verification.secondSimulator.version} (${verification.secondSimulator.name}): tells whether the result hangs on one simulator.`,
      ),
    netlistComparison &&
      claim(
        'Netlist against network',
        netlistComparison.matches
          ? 'Matches'
          : html`${formatPlural(netlistComparison.differences.length, 'difference')}${differenceList(netlistComparison.differences)}`,
        'The emitted text read back: tells whether a connection was transposed, lost or given the wrong sign.',
      ),
    verification?.layout &&
      claim(
        'Layout against netlist',
        verification.layout.matches
          ? `Matches: ${formatPlural(verification.layout.nets, 'net')}, ${formatPlural(verification.layout.resistors, 'resistor')}, ${formatPlural(verification.layout.transistors, 'transistor')}`
          : html`${formatPlural(verification.layout.differences.length, 'difference')}${differenceList(verification.layout.differences)}`,
        html`The polygons of ${verification.layout.file} read back as a circuit: tells whether what is printed is what was simulated.${verification.layout.changed.map(({ file, how }) => ` ${file} is ${how === 'edited' ? 'not the file that compile wrote' : how}.`)}`,
      ),
    verification?.laidOut &&
      claim(
        'The circuit with its lines',
        `${formatVolts(verification.laidOut.largestShiftVolts)} at most, ${formatPlural(verification.laidOut.decisionsMoved, 'decision')} moved`,
        `What ${formatPlural(verification.laidOut.resistors, 'resistor')} of metal lines do to the voltages of the netlist, ${
          verification.laidOut.maxErrorVolts === null
            ? 'by the exact solver alone: ngspice was not asked, for there are too many nodes.'
            : `in ngspice; the exact solver has the same within ${formatVolts(verification.laidOut.maxErrorVolts)}.`
        }`,
      ),
    verification?.decisionAgreement != null &&
      claim(
        'Network against ngspice',
        decisionsKept(verification),
        `What was trained against what will be printed${rows === undefined ? '' : `, on the ${rows.split} rows`} in ngspice.`,
      ),
    verification?.modelAgreement !== undefined &&
      claim(
        'Model against ngspice',
        asTheModel(verification.modelAgreement),
        `Decisions of what was made of ${verification.modelAgreement.file} that are the model’s own${rows === undefined ? '' : `, on the ${rows.split} rows`}.`,
      ),
    verification?.modelDistance !== undefined &&
      claim(
        'Model against ngspice',
        farFromModel(verification.modelDistance),
        `Root mean square difference from what ${verification.modelDistance.file} predicts, each read by its own line${rows === undefined ? '' : `, on the ${rows.split} rows`}.`,
      ),
    verification?.regression?.ngspice != null &&
      verification.regression.network !== null &&
      claim(
        'Network against ngspice',
        `Root mean square error ${formatNumber(verification.regression.ngspice.rmse)} in ngspice, ${formatNumber(verification.regression.network.rmse)} of the network`,
        `What was trained against what will be printed${rows === undefined ? '' : `, on the ${rows.split} rows`} in ngspice.`,
      ),
  ].filter((part) => part !== undefined && part !== false);
  return claims.length === 0 ? undefined : html`<ul class="claims">${claims}</ul>`;
}

function asTheModel({ network, circuit, ngspice, copies }: ModelAgreement): string {
  const printed =
    copies === undefined ? '' : `, printed copies ${formatPercent(copies.mean)} ± ${formatPercent(copies.std)}`;
  return `Network ${formatPercent(network)}, circuit ${formatPercent(circuit)}, ngspice ${formatPercent(ngspice)}${printed}`;
}

function farFromModel({ network, circuit, ngspice }: ModelDistance): string {
  return `Network ${formatNumber(network)}, circuit ${formatNumber(circuit)}, ngspice ${formatNumber(ngspice)}`;
}

function claim(title: string, result: string | Html, meaning: string | Html): Html {
  return html`<li><h3>${title}</h3><p>${result}</p><p class="what">${meaning}</p></li>`;
}

function differenceList(differences: readonly string[]): Html {
  const more = differences.length - LISTED_DIFFERENCES;
  return html`<ul>${differences.slice(0, LISTED_DIFFERENCES).map((text) => html`<li>${text}</li>`)}${more > 0 && html`<li>and ${formatCount(more)} more</li>`}</ul>`;
}

/** What printing many copies gives: accuracy, yield with its interval, and whether the solvers still agree. */
export function variationBody(monteCarlo: MonteCarloResult, assumed: readonly string[]): Html {
  const {
    meanAccuracy,
    stdAccuracy,
    yieldAccuracy,
    yieldInterval,
    maxErrorVolts,
    decisionsDiffering,
    simulatedDraws,
    p5Accuracy,
  } = monteCarlo;
  const mark = assumedMark('accuracy', assumed);
  const [low, high] = yieldInterval;
  return html`${copiesPart(monteCarlo)}
${facts([
  {
    name: 'Accuracy',
    value: html`${formatPercent(meanAccuracy)}${mark}`,
    note: `mean, ± ${formatPercent(stdAccuracy)} std; ${formatPercent(p5Accuracy)} at the 5th percentile`,
  },
  {
    name: `Yield at ${formatPercent(yieldAccuracy)} or better`,
    value: html`${formatPercent(monteCarlo.yield)}${mark}`,
    note: `95\u00a0% interval ${formatPercent(low)} to ${formatPercent(high)}${unstableInWords(monteCarlo)}`,
  },
  {
    name: 'Largest |ngspice − expected|',
    value: formatVolts(maxErrorVolts),
    note: `over ${formatPlural(simulatedDraws, 'draw')} and all rows`,
  },
  { name: 'Decisions that differ', value: formatCount(decisionsDiffering), note: 'between solver and ngspice' },
])}`;
}

type Copies = Pick<
  MonteCarloResult,
  'draws' | 'requestedDraws' | 'relativeSpread' | 'law' | 'simulatedDraws' | 'unsimulatedDraws' | 'unstableDraws'
>;

/** What was printed by computer, and how it was solved. */
export function copiesPart({
  draws,
  requestedDraws,
  relativeSpread,
  law,
  simulatedDraws,
  unsimulatedDraws = 0,
  unstableDraws = 0,
}: Copies): Html {
  const chosen = unstableDraws > 0 ? 'of those that stay at their operating point' : 'of them, chosen at random,';
  return html`<p>${formatPlural(draws, 'circuit')} by the exact solver, every component multiplied by a factor of its own: ${law ?? html`uniform, within ${formatSpread(relativeSpread)}`}.
${simulatedDraws === draws ? 'All of them' : `${formatCount(simulatedDraws)} ${chosen}`} were simulated in ngspice too, with the same draws, and every node compared.${unsimulatedDraws > 0 && ` In ${formatCount(unsimulatedDraws)} more it found no operating point of some row.`}${draws < requestedDraws && ` Of ${formatCount(requestedDraws)} asked for no more were needed: the interval is narrow enough.`}</p>`;
}

/** Copies that run away are not good, whatever they would decide. */
export function unstableInWords({ unstableDraws, draws }: Copies): string {
  return unstableDraws === undefined
    ? ''
    : `; ${formatCount(unstableDraws)} of ${formatCount(draws)} do not stay at their operating point`;
}
