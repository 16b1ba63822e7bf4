import { stageVolts, toleranceVolts } from '@neuroprint/circuit';
import { isLopsided, quantile, regressionOf, selectVolts } from '@neuroprint/core';
import { decisions, margins } from '@neuroprint/numeric';
import { formatCount, formatPercent, formatPlural, formatVolts } from '../format.ts';
import { crossbarPlot } from '../plots/crossbar.ts';
import { confusionPlot, marginPlot } from '../plots/decisions.ts';
import {
  countEqual,
  DRAWN_NODES,
  DRAWN_VOLTAGES,
  errorHistogramPlot,
  nodeErrorPlot,
  voltageScatterPlot,
} from '../plots/errors.ts';
import { historyPlot } from '../plots/history.ts';
import type { Plot } from '../plots/plot.ts';
import { transferCaption, transferPlot } from '../plots/transfer.ts';
import { comparisons } from './comparisons.ts';
import type { CompileReportData } from './compile-data.ts';
import { componentTable } from './components.ts';
import { crossbarsOf, layerNames } from './crossbars.ts';
import { faultsBody } from './faults-part.ts';
import { type Html, html } from './html.ts';
import { ladderPart } from './ladder-part.ts';
import { figures, folded, page, type Report, type Section } from './page.ts';
import { predictionsPart } from './predictions-part.ts';
import { drawingsPart, powerPart } from './print-parts.ts';
import { verifiedRecallBody } from './recall-part.ts';
import { reproduceBody } from './reproduce.ts';
import { restsOn } from './rests-on.ts';
import { stabilityPart } from './stability-part.ts';
import { variationPart } from './variation-part.ts';
import { pageHead } from './verdict.ts';
import { ageingPart, blamePart, cornersPart, specificationBody } from './verification-parts.ts';

type Part = Section & { readonly plots: readonly Plot[] };

/**
 * The page about one compiled network: whether ngspice finds the predicted voltages, what every step cost in accuracy,
 * its stages, voltages, decisions, crossbars and components, and how to repeat it. The same data give the same bytes.
 */
export async function renderCompileReport(data: CompileReportData): Promise<Report> {
  const names = layerNames(data.network);
  const byClass = data.verification?.byClass;
  const isRecallFirst = byClass !== undefined && isLopsided(byClass.classes);
  const recall = byClass && textPart('recall', 'Recall by class', verifiedRecallBody(byClass));
  const parts: readonly (Part | undefined)[] = [
    isRecallFirst ? recall : undefined,
    textPart('specification', 'Specification', specificationBody(data.verification?.specification)),
    textPart('compared', 'What was compared', comparisons(data)),
    await ladderPart(data),
    await stagesPart(data),
    await voltagesPart(data),
    await decisionsPart(data),
    isRecallFirst ? undefined : recall,
    await predictionsPart(data),
    await variationPart(data),
    await stabilityPart(data.verification?.stability),
    await cornersPart(data.verification?.corners, data.technology.assumed),
    await ageingPart(data.verification?.ageing),
    await blamePart(data, names),
    textPart('faults', 'Faults', faultsBody(data.verification?.faults)),
    await calibrationPart(data),
    drawingsPart(data),
    powerPart(data),
    await crossbarsPart(data),
    textPart('components', 'Components', componentTable(data, names)),
    textPart('reproduce', 'Run it yourself', reproduceBody(data)),
    textPart('assumed', 'What this rests on', restsOn(data)),
  ];
  const sections = parts.filter((part) => part !== undefined);
  return {
    html: page({ title: data.name, kind: 'compile report', head: pageHead(data), sections }),
    images: sections.flatMap(({ plots }) => plots),
  };
}

function textPart(id: string, title: string, body: Html | undefined): Part | undefined {
  return body && { id, title, body, plots: [] };
}

async function stagesPart({ stageCurves = [], technology }: CompileReportData): Promise<Part | undefined> {
  if (stageCurves.length === 0) return undefined;
  const { minimum, maximum } = stageVolts(technology);
  const plots: Plot[] = [];
  for (const [i, curves] of stageCurves.entries()) plots.push(await transferPlot(`stage-${i}`, curves));
  const isFirst = (i: number): boolean => {
    const { group } = stageCurves[i]!;
    return group === undefined || stageCurves.findIndex((curves) => curves.group === group) === i;
  };
  const shown = plots.map((plot, i) => ({ plot, caption: transferCaption(stageCurves[i]!) }));
  const others = shown.filter((_, i) => !isFirst(i));
  return {
    id: 'stages',
    title: 'Transfer curves of the stages',
    body: html`<p>Each stage alone, unloaded, with the values that are printed: simulated by ngspice and by the exact solver. Dashed is the curve that the network was trained
with; calibration on the exact circuit has moved the values since. The band is the operating range, ${String(minimum)} to\u00a0${String(maximum)}\u00a0V.</p>
${figures(shown.filter((_, i) => isFirst(i)))}
${others.length > 0 && folded(`The other ${formatPlural(others.length, 'stage')}`, figures(others), false)}`,
    plots,
  };
}

async function voltagesPart(data: CompileReportData): Promise<Part | undefined> {
  const { rows, verification, circuit } = data;
  const items: { plot: Plot; caption: string }[] = [];
  if (rows !== undefined && rows.expectedVolts.length > 0) {
    const total = rows.expectedVolts.length;
    const equal = countEqual(rows);
    const drawn =
      total > DRAWN_VOLTAGES ? `${formatCount(DRAWN_VOLTAGES)} of ${formatCount(total)}` : `All ${formatCount(total)}`;
    items.push({ plot: await voltageScatterPlot(rows, circuit.outputs), caption: `${drawn} voltages.` });
    if (equal < total) {
      const within =
        verification && `99\u00a0% of all voltages are within ${formatVolts(verification.p99ErrorVolts)}. `;
      const left =
        equal === 0 ? '' : `${formatCount(equal)} of ${formatCount(total)} are equal to the last bit and not drawn.`;
      items.push({
        plot: await errorHistogramPlot(rows, toleranceVolts(data.technology)),
        caption: `${within ?? ''}${left}`,
      });
    }
  }
  if (verification !== undefined && verification.maxErrorVolts > 0) {
    const { worst, nodeErrorVolts } = verification;
    const count = Object.values(nodeErrorVolts).filter((volts) => volts > 0).length;
    const extent = count > DRAWN_NODES ? `The ${DRAWN_NODES} nodes with the largest differences, of ${count}. ` : '';
    const caption = `${extent}Worst: ${worst.node} in row ${worst.case}, expected ${formatVolts(worst.expectedVolts, 10)}, simulated ${formatVolts(worst.simulatedVolts, 10)}.`;
    if (count > 0) items.push({ plot: await nodeErrorPlot(nodeErrorVolts, worst.node), caption });
  }
  if (items.length === 0) return undefined;
  return {
    id: 'voltages',
    title: 'Expected and simulated voltages',
    body: html`<p>The same circuit, two solvers: <code>expected.csv</code> holds what the exact solver predicts for every node, ngspice simulates the netlist.</p>
${figures(items)}`,
    plots: items.map(({ plot }) => plot),
  };
}

async function decisionsPart({ rows, network, circuit }: CompileReportData): Promise<Part | undefined> {
  if (rows === undefined || regressionOf(circuit) !== undefined) return undefined;
  const { outputs } = circuit;
  if (!outputs.every((node) => rows.nodes.includes(node))) return undefined;
  const volts = selectVolts({ nodes: rows.nodes, volts: rows.simulatedVolts }, outputs);
  const decided = decisions(volts, outputs.length);
  const marginVolts = margins(volts, outputs.length);
  const { labels, networkDecisions, split } = rows;
  const confusion = (name: string, decidedBy: string, made: ArrayLike<number>) =>
    labels && confusionPlot({ name, decidedBy, classes: network.classes, labels, decisions: made });
  const plots = await Promise.all(
    [
      networkDecisions && confusion('confusion-network', 'the network', networkDecisions),
      confusion('confusion-ngspice', 'ngspice', decided),
    ].filter((plot) => plot !== undefined),
  );
  const captions = [
    ...(networkDecisions && labels ? [rightOf(networkDecisions, labels)] : []),
    ...(labels ? [rightOf(decided, labels)] : []),
    `${formatVolts(quantile(marginVolts, 0.05))} at the 5th percentile, ${formatVolts(quantile(marginVolts, 0.5))} at the median.`,
  ];
  plots.push(await marginPlot(marginVolts, labels && [...decided].map((decision, i) => decision === labels[i])));
  return {
    id: 'decisions',
    title: 'Decisions',
    body: html`<p>The class is the output with the largest voltage, on ${formatPlural(decided.length, `${split} row`)}.</p>
${figures(plots.map((plot, i) => ({ plot, caption: captions[i]! })))}`,
    plots,
  };
}

function rightOf(decisions: ArrayLike<number>, labels: ArrayLike<number>): string {
  const right = Array.from(decisions).filter((decision, i) => decision === labels[i]).length;
  return `${formatCount(right)} of ${formatCount(labels.length)} right, ${formatPercent(right / labels.length)}.`;
}

async function calibrationPart({
  calibration = [],
  calibrationKept,
  circuit,
}: CompileReportData): Promise<Part | undefined> {
  const followed = (key: 'loss' | 'validationAccuracy' | 'validationRmse', label: string) => {
    const points = calibration.filter((point) => point[key] !== undefined);
    return points.length < 2
      ? []
      : [{ label, steps: points.map(({ step }) => step), values: points.map((point) => point[key]!) }];
  };
  const [losses, accuracies] = [followed('loss', 'loss'), followed('validationAccuracy', 'validation accuracy')];
  const errors = followed('validationRmse', 'validation error');
  const common = { stepName: 'calibration steps', marked: calibrationKept };
  const plots = [
    ...(losses.length > 0
      ? [
          await historyPlot({
            ...common,
            name: 'calibration-loss',
            quantity: 'loss',
            unit: 'mean per row',
            lines: losses,
          }),
        ]
      : []),
    ...(accuracies.length > 0
      ? [
          await historyPlot({
            ...common,
            name: 'calibration-accuracy',
            quantity: 'validation accuracy',
            unit: '%',
            lines: accuracies,
            percent: true,
          }),
        ]
      : []),
    ...(errors.length > 0
      ? [
          await historyPlot({
            ...common,
            name: 'calibration-error',
            quantity: 'validation RMSE',
            unit: regressionOf(circuit)!.target,
            lines: errors,
          }),
        ]
      : []),
  ];
  if (plots.length === 0) return undefined;
  return {
    id: 'calibration',
    title: 'Calibration on the exact circuit',
    body: html`<p>Component values are tuned with the loading in the loop, under fresh draws of variation; the best by validation on fixed draws is kept.</p>
${figures(plots.map((plot) => ({ plot })))}`,
    plots,
  };
}

async function crossbarsPart({ network, circuit }: CompileReportData): Promise<Part> {
  const plots: Plot[] = [];
  for (const crossbar of crossbarsOf(network, circuit)) plots.push(await crossbarPlot(crossbar));
  return {
    id: 'crossbars',
    title: 'Crossbars',
    body: html`<p>Conductances as compiled. Blue adds the input; orange, negative, ${circuit.devices.some(({ kind }) => kind === 'opamp') ? 'takes it off, by an op-amp' : 'adds what the falling stage makes of it'}; – is no resistor.
Layers, rows and columns count from 0, as in the netlist.</p>
${figures(plots.map((plot) => ({ plot })))}`,
    plots,
  };
}
