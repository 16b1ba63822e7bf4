import type { Technology } from '@neuroprint/circuit';
import {
  type ClassScores,
  describeVariation,
  inputVolts,
  isLopsided,
  lineInWords,
  regressionOf,
  type TrainedNetwork,
} from '@neuroprint/core';
import { formatCount, formatNumber, formatPercent, formatSpread, formatVolts } from '../format.ts';
import { type HistoryLine, historyPlot } from '../plots/history.ts';
import { type Html, html } from './html.ts';
import { facts, figures, page, type Report, table } from './page.ts';
import { recallBody } from './recall-part.ts';
import { boundsBody } from './training-bounds.ts';

/** What was recorded at an epoch of training. */
interface TrainingEpoch {
  readonly epoch: number;
  readonly trainLoss?: number | undefined;
  readonly validLoss?: number | undefined;
  /** Mean over the fixed validation draws. */
  readonly validAccuracy?: number | undefined;
  /** In regression: the error over the fixed validation draws, in units of the target. */
  readonly validRmse?: number | undefined;
}

/** Everything `renderTrainingReport` puts on the page. */
export interface TrainingReportData {
  readonly network: TrainedNetwork;
  readonly history: readonly TrainingEpoch[];
  /** Recall by class on the test rows. */
  readonly byClass?: ClassScores | undefined;
  /** Whose ranges and constraints the trained components are compared with; left out without it. */
  readonly technology?: Technology | undefined;
}

/**
 * Loads what draws pages and draws once, for nothing: to be done while something else is waited for. The first picture of a process takes
 * several times as long as the next.
 */
export async function warmUpTrainingReport(): Promise<void> {
  const line: HistoryLine = { label: 'validation', steps: [0, 1], values: [0, 1] };
  await historyPlot({ name: 'warm-up', quantity: 'loss', unit: '1', lines: [line], stepName: 'epochs', marked: 1 });
}

/** The page about one training: its curves, and how well the network decides on the fast model. */
export async function renderTrainingReport({
  network,
  history,
  byClass,
  technology,
}: TrainingReportData): Promise<Report> {
  const line = (key: 'trainLoss' | 'validLoss' | 'validAccuracy' | 'validRmse', label: string): HistoryLine[] => {
    const points = history.filter((point) => point[key] !== undefined);
    return points.length < 2
      ? []
      : [{ label, steps: points.map(({ epoch }) => epoch), values: points.map((point) => point[key]!) }];
  };
  const losses = [...line('trainLoss', 'training'), ...line('validLoss', 'validation')];
  const accuracies = line('validAccuracy', 'validation');
  const errors = line('validRmse', 'validation');
  const target = regressionOf(network);
  const common = { stepName: 'epochs', marked: network.training?.bestEpoch };
  const plots = [
    ...(losses.length > 0
      ? [
          await historyPlot({
            ...common,
            name: 'training-loss',
            quantity: losses.length === 1 ? `${losses[0]!.label} loss` : 'loss',
            unit: 'mean per row',
            lines: losses,
          }),
        ]
      : []),
    ...(accuracies.length > 0
      ? [
          await historyPlot({
            ...common,
            name: 'training-accuracy',
            quantity: 'validation accuracy',
            unit: '%',
            lines: accuracies,
            percent: true,
          }),
        ]
      : []),
    ...(errors.length > 0 && target !== undefined
      ? [
          await historyPlot({
            ...common,
            name: 'training-error',
            quantity: 'validation RMSE',
            unit: target.target,
            lines: errors,
          }),
        ]
      : []),
  ];
  const { metrics, training, variation } = network;
  const isRecallFirst = byClass !== undefined && isLopsided(byClass.classes);
  const recall = byClass && { id: 'recall', title: 'Recall by class', body: recallBody(byClass) };
  const shown = [
    ...(isRecallFirst ? recallFacts(byClass) : []),
    ...errorFacts(network),
    ...(metrics === undefined
      ? []
      : [
          { name: 'Training rows', value: formatPercent(metrics.accuracy.train), note: 'accuracy' },
          { name: 'Validation rows', value: formatPercent(metrics.accuracy.valid), note: 'accuracy' },
          { name: 'Test rows', value: formatPercent(metrics.accuracy.test), note: 'accuracy' },
        ]),
    ...(byClass === undefined || isRecallFirst ? [] : [balancedFact(byClass)]),
    ...(metrics?.underVariation === undefined
      ? []
      : [
          {
            name: 'Test rows under variation',
            value: formatPercent(metrics.underVariation.mean),
            note: `± ${formatPercent(metrics.underVariation.std)} std, ${metrics.underVariation.draws} draws, ${metrics.underVariation.law ?? `within ${formatSpread(metrics.underVariation.relativeSpread)}`}`,
          },
        ]),
    ...(metrics?.sensingMarginVolts === undefined
      ? []
      : [
          {
            name: 'Sensing margin',
            value: formatVolts(metrics.sensingMarginVolts.median),
            note: `median between first and second output; ${formatVolts(metrics.sensingMarginVolts.p5)} at the 5th percentile`,
          },
        ]),
    ...modelFacts(network),
    ...(training === undefined
      ? []
      : [
          {
            name: 'Epochs',
            value: formatCount(training.epochs),
            note: `best ${training.bestEpoch}, seed ${training.seed}`,
          },
        ]),
  ];
  return {
    html: page({
      title: network.name,
      kind: 'training report',
      head: html`<p class="lead">Trained ${network.layers.some(({ nodeRule }) => nodeRule === 'kirchhoff') ? 'with the exact curves of the cells' : 'on the fast model'} of technology ${network.technology}, under variation of every conductance and component: ${describeVariation(variation)}. What the circuit does is in the compile report.</p>${shown.length > 0 && facts(shown)}`,
      sections: [
        ...(recall && isRecallFirst ? [recall] : []),
        ...(plots.length > 0
          ? [{ id: 'history', title: 'History', body: figures(plots.map((plot) => ({ plot }))) }]
          : []),
        ...(recall && !isRecallFirst ? [recall] : []),
        { id: 'inputs', title: 'What the input voltages mean', body: inputsBody(network) },
        ...(technology === undefined
          ? []
          : [{ id: 'bounds', title: 'Room in the trust region', body: boundsBody(network, technology) }]),
      ],
    }),
    images: plots,
  };
}

function balancedFact({ balancedAccuracy }: ClassScores) {
  return {
    name: 'Balanced accuracy',
    value: formatPercent(balancedAccuracy),
    note: 'mean recall of the classes, test rows',
  };
}

/** Recall of the classes that are recognised worst, and its mean. */
function recallFacts(scores: ClassScores) {
  const worst = scores.classes
    .filter(({ recall }) => recall !== null)
    .sort((a, b) => a.recall! - b.recall!)
    .slice(0, 2);
  return [
    ...worst.map((one) => ({
      name: `Recall of ${one.class}`,
      value: formatPercent(one.recall!),
      note: `of ${formatCount(one.rows)} test rows`,
    })),
    balancedFact(scores),
  ];
}

/** How often a network decides as the model that it was made from. */
function modelFacts({ model, task }: TrainedNetwork) {
  if (model?.agreement === undefined || task?.kind === 'regression') return [];
  const { underVariation: under } = model;
  return [
    {
      name: 'As the model',
      value: formatPercent(model.agreement),
      note: `of the test rows are decided as ${model.file} decides them${under === undefined ? '' : `; printed copies ${formatPercent(under.mean)} ± ${formatPercent(under.std)}`}`,
    },
  ];
}

/** What a regression network's figures are: the line of its output, errors and correlations. */
function errorFacts({ task, regressionMetrics }: TrainedNetwork) {
  if (task?.kind !== 'regression') return [];
  const line = { name: 'Output', value: lineInWords(task), note: 'v_out in volts' };
  if (regressionMetrics === undefined) return [line];
  const { rmse, r, underVariation } = regressionMetrics;
  const { mean, std, draws, law, relativeSpread } = underVariation;
  const part = (name: string, key: 'train' | 'valid' | 'test') => ({
    name,
    value: formatNumber(rmse[key]),
    note: `root mean square error; R ${r[key].toFixed(3)}`,
  });
  return [
    line,
    part('Training rows', 'train'),
    part('Validation rows', 'valid'),
    part('Test rows', 'test'),
    {
      name: 'Test rows under variation',
      value: formatNumber(mean),
      note: `root mean square error, ± ${formatNumber(std, 3)} std, ${draws} draws, ${law ?? `within ${formatSpread(relativeSpread)}`}`,
    },
  ];
}

/** Which feature value a sensor interface must turn into which voltage. */
function inputsBody({ inputs }: TrainedNetwork): Html {
  const number = (value: number) => String(Number(value.toPrecision(6)));
  const { minimum: low, maximum: high } = inputVolts(inputs[0]!);
  return html`<p>A sensor interface turns each feature into volts in a straight line, and holds at the ends what lies beyond.</p>${table(
    {
      label: 'Inputs',
      head: ['Input', 'Feature', `At ${low} V`, `At ${high} V`, 'One volt is'],
      rows: inputs.map(({ name, minimum, maximum }, i) => [
        `in${i}`,
        name,
        number(minimum),
        number(maximum),
        number((maximum - minimum) / (high - low)),
      ]),
      numeric: [2, 3, 4],
    },
  )}`;
}
