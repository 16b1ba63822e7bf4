import { regressionOf } from '@neuroprint/core';
import { formatNumber, formatPercent, formatVolts, formatWatts } from '../format.ts';
import { accuracyLadderPlot, distanceLadderPlot, errorLadderPlot, type LadderStep } from '../plots/ladder.ts';
import type { Plot } from '../plots/plot.ts';
import { assumedMark } from './assumptions.ts';
import type { CompileReportData } from './compile-data.ts';
import { type Html, html } from './html.ts';
import { figures, folded, type Section, table } from './page.ts';
import { stepWord, word } from './words.ts';

/** The error ladder as plots and as a table: what every step from the network to ngspice costs. */
export async function ladderPart({
  ladder,
  passes,
  technology,
  circuit,
}: CompileReportData): Promise<(Section & { readonly plots: readonly Plot[] }) | undefined> {
  if (ladder === undefined || ladder.length === 0) return undefined;
  const accuracy = ladder.some(
    ({ accuracyTest, underVariation }) => accuracyTest !== null || underVariation !== undefined,
  )
    ? [await accuracyLadderPlot(ladder)]
    : [];
  const line = regressionOf(circuit);
  const error =
    line !== undefined && ladder.some(({ regression }) => regression !== undefined)
      ? [await errorLadderPlot(ladder, line.target)]
      : [];
  const distance = ladder.some(({ rmsVoltsFromNetwork }) => rmsVoltsFromNetwork !== null)
    ? [await distanceLadderPlot(ladder)]
    : [];
  const plots = [...accuracy, ...error, ...distance];
  if (plots.length === 0) return undefined;
  return {
    id: 'ladder',
    title: 'From network to circuit',
    body: html`<p>The network is trained on a fast, idealised model. Compiled as it stands, its stages load each other and the voltages move.
${line === undefined ? 'Calibration on the exact circuit works on the decisions, so the voltages need not come back to the network’s.' : 'Calibration on the exact circuit works on the targets of the training rows, under variation, and fits the line that the output is read by to them, so the voltages need not come back to the network’s.'}${assumedMark('accuracy', technology.assumed)}</p>
${figures(plots.map((plot) => ({ plot })))}
${line === undefined ? ladderTable(ladder, technology.assumed) : errorTable(ladder, line.target, technology.assumed)}
${passes !== undefined && folded('What each pass of the compiler did', table({ label: 'Passes', head: ['Pass', 'Changed', 'What it did'], rows: passes.map(({ name, note, changed }) => [name, String(changed ?? ''), note]) }), false)}`,
    plots,
  };
}

function ladderTable(ladder: readonly LadderStep[], assumed: readonly string[]): Html {
  const mark = assumedMark('power', assumed);
  return table({
    label: 'The error ladder',
    head: [
      'Step',
      'Accuracy',
      'Change',
      word('variation', 'Varied'),
      word('rms', 'Off by, rms'),
      word('kept', 'Kept'),
      'Resistors',
      'Transistors',
      html`Power${mark}`,
    ],
    rows: ladder.map((rung, k) => {
      const before = ladder[k - 1]?.accuracyTest ?? null;
      const { accuracyTest, underVariation, rmsVoltsFromNetwork, decisionAgreement, resistors, transistors, watts } =
        rung;
      return [
        stepWord(rung.step),
        accuracyTest === null ? '' : formatPercent(accuracyTest),
        accuracyTest === null || before === null ? '' : points(accuracyTest - before),
        underVariation === undefined ? '' : formatPercent(underVariation.mean),
        rmsVoltsFromNetwork === null ? '' : formatVolts(rmsVoltsFromNetwork),
        decisionAgreement === undefined ? '' : formatPercent(decisionAgreement),
        count(resistors),
        count(transistors),
        watts === null || watts === undefined ? '' : formatWatts(watts),
      ];
    }),
    numeric: [1, 2, 3, 4, 5, 6, 7, 8],
  });
}

/** The ladder of a regression network. */
function errorTable(ladder: readonly LadderStep[], target: string, assumed: readonly string[]): Html {
  return table({
    label: 'The error ladder',
    head: [
      'Step',
      `RMSE (${target})`,
      'R',
      word('variation', 'Varied'),
      word('rms', 'Off by, rms'),
      'Resistors',
      'Transistors',
      html`Power${assumedMark('power', assumed)}`,
    ],
    rows: ladder.map(({ step, regression, rmsVoltsFromNetwork, resistors, transistors, watts }) => [
      stepWord(step),
      regression === undefined ? '' : formatNumber(regression.rmse),
      regression === undefined ? '' : regression.r.toFixed(3),
      regression?.underVariation ? formatNumber(regression.underVariation.mean) : '',
      rmsVoltsFromNetwork === null ? '' : formatVolts(rmsVoltsFromNetwork),
      count(resistors),
      count(transistors),
      watts === null || watts === undefined ? '' : formatWatts(watts),
    ]),
    numeric: [1, 2, 3, 4, 5, 6, 7],
  });
}

/** Points of accuracy with their sign. */
function points(share: number): string {
  const text = (100 * share).toFixed(1).replace('-', '−');
  return share > 0 ? `+${text}` : text;
}

/** The network itself is made of nothing. */
function count(parts: number | undefined): string {
  return parts === undefined || parts === 0 ? '' : String(parts);
}
