import { join } from 'node:path';
import { prepareOutputFolder, UsageError, writeFileAtomic } from '@neuroprint/core';
import { type Curve, curvesPlot } from '@neuroprint/report';
import {
  crossing,
  type RegressionTable,
  rankCorrelation,
  readRegressionTable,
  type StudiedNetwork,
  studyActivations,
} from '@neuroprint/studies';
import type { CommandModule } from 'yargs';
import { jsonOption, numberOption, overwriteOption, seedOption, textOption } from '../options.ts';
import { formatSeconds, Progress, printResult } from '../output.ts';

const AMPLITUDES = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];
const RETRAIN_AT = [0.05, 0.2, 0.8];
/** Where no waterline is given: so many times the largest test error of a network without noise, so that every one starts below. */
const DEFAULT_WATERLINE = 1.5;

interface Arguments {
  data: string;
  out: string;
  target: string;
  split: string;
  layers: string;
  neurons: string;
  draws: number;
  waterline: number | undefined;
  seed: number;
  overwrite: boolean;
  json: boolean;
}

/** A network of the study, and the amplitudes at which its mean test error crosses the waterline. */
interface Studied extends StudiedNetwork {
  readonly crossing: { readonly random: number | undefined; readonly smooth: number | undefined };
}

function withCrossing(network: StudiedNetwork, waterline: number): Studied {
  const at = (kind: 'random' | 'smooth') => crossing(AMPLITUDES, network[kind], waterline);
  return { ...network, crossing: { random: at('random'), smooth: at('smooth') } };
}

function parseCounts(name: string, text: string): number[] {
  return text.split(',').map((part) => {
    const value = Number(part);
    if (!Number.isSafeInteger(value) || value < 1 || part.trim() === '')
      throw new UsageError(`--${name} has "${part}", and must be whole numbers of 1 or more apart by commas.`);
    return value;
  });
}

const titleOf = (network: StudiedNetwork): string => network.hidden.join('-');

/** Findings of the published study, with what was measured here. */
function findings(networks: readonly Studied[]) {
  const crossed = networks.filter(({ crossing }) => crossing.smooth !== undefined);
  const amplitude = (of: readonly Studied[]): number[] => of.map(({ crossing }) => crossing.smooth!);
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;
  const byLayers = [...new Set(networks.map(({ hidden }) => hidden.length))].map((layers) => ({
    layers,
    networks: networks.filter(({ hidden }) => hidden.length === layers).length,
    crossed: crossed.filter(({ hidden }) => hidden.length === layers).length,
    meanAmplitude: mean(amplitude(crossed.filter(({ hidden }) => hidden.length === layers))),
  }));
  const size = rankCorrelation(
    crossed.map(({ hidden }) => hidden.reduce((sum, n) => sum + n, 0)),
    amplitude(crossed),
  );
  const overfit = rankCorrelation(
    crossed.map((network) => network.overfit),
    amplitude(crossed),
  );
  const least = (of: (network: Studied) => number): Studied | undefined =>
    crossed.length === 0 ? undefined : crossed.reduce((a, b) => (of(b) < of(a) ? b : a));
  const shown = (network: Studied | undefined) =>
    network === undefined
      ? null
      : {
          hidden: network.hidden,
          testRmse: network.test.rmse,
          overfit: network.overfit,
          amplitude: network.crossing.smooth!,
        };
  return {
    byLayers,
    sizeRankCorrelation: Number.isNaN(size) ? null : size,
    overfitRankCorrelation: Number.isNaN(overfit) ? null : overfit,
    lowestTestError: shown(least(({ test }) => test.rmse)),
    leastOverfit: shown(least((network) => network.overfit)),
    retraining: RETRAIN_AT.map((amplitude, k) => ({
      amplitude,
      nominalR: mean(networks.map(({ test }) => test.r))!,
      beforeR: mean(networks.map(({ retrained }) => retrained[k]!.before.r))!,
      afterR: mean(networks.map(({ retrained }) => retrained[k]!.after.r))!,
    })),
  };
}

async function plots(
  table: RegressionTable,
  networks: readonly Studied[],
  waterline: number,
  out: string,
): Promise<void> {
  const best = [...new Set(networks.map(({ hidden }) => hidden.length))].map((layers) =>
    networks.filter(({ hidden }) => hidden.length === layers).reduce((a, b) => (b.test.rmse < a.test.rmse ? b : a)),
  );
  const save = async (name: string, title: string, curves: readonly Curve[]): Promise<void> => {
    const { svg } = await curvesPlot({
      name,
      title,
      description: `${title}: test error against the amplitude A.`,
      x: { quantity: 'amplitude A', unit: 'of tanh', log: true },
      y: { quantity: 'test error', unit: 'rmse, target', log: true },
      curves,
      level: { value: waterline, label: 'waterline' },
    });
    writeFileAtomic(join(out, `${name}.svg`), svg);
  };
  const x = AMPLITUDES;
  for (const kind of ['random', 'smooth'] as const)
    await save(
      kind,
      `${table.name}, ${kind === 'random' ? 'activation noise' : 'uneven activations'}`,
      best.map((network) => ({ label: titleOf(network), x, y: network[kind].map(({ rmse }) => rmse) })),
    );
  await save(
    'retrained',
    `${table.name}, retrained on realised shapes`,
    best
      .flatMap((network) => [
        { label: `${titleOf(network)} before`, x: RETRAIN_AT, y: network.retrained.map(({ before }) => before.rmse) },
        { label: `${titleOf(network)} after`, x: RETRAIN_AT, y: network.retrained.map(({ after }) => after.rmse) },
      ])
      .slice(0, 4),
  );
}

interface Result {
  readonly dataset: string;
  readonly waterline: number;
  readonly networks: readonly Studied[];
  readonly findings: ReturnType<typeof findings>;
  readonly cpuSeconds: number;
}

function linesOf({ dataset, waterline, networks, findings: found, cpuSeconds }: Result, out: string): string[] {
  const amplitude = (a: number | undefined): string => (a === undefined ? '   –' : a.toFixed(3));
  const example = (one: NonNullable<typeof found.leastOverfit> | null): string =>
    one === null
      ? 'none crosses'
      : `${one.hidden.join('-')}: test error ${one.testRmse.toPrecision(3)}, overfit ${one.overfit.toFixed(2)}, to A = ${one.amplitude.toFixed(3)}`;
  return [
    `${dataset}: ${networks.length} networks, ${formatSeconds(cpuSeconds)} of processor time; waterline ${waterline.toPrecision(4)}`,
    'hidden           parameters  test rmse      R  overfit  to A (noise)  to A (uneven)',
    ...networks.map(
      (network) =>
        `${network.hidden.join('-').padEnd(16)} ${String(network.parameters).padStart(10)} ${network.test.rmse.toPrecision(3).padStart(10)} ${network.test.r.toFixed(3).padStart(6)} ${network.overfit.toFixed(2).padStart(8)} ${amplitude(network.crossing.random).padStart(13)} ${amplitude(network.crossing.smooth).padStart(14)}`,
    ),
    ...found.byLayers.map(
      ({ layers, networks: all, crossed, meanAmplitude }) =>
        `${layers} hidden layer${layers === 1 ? '' : 's'}: uneven activations borne to A = ${meanAmplitude === null ? '–' : meanAmplitude.toFixed(3)} on average (${crossed} of ${all} cross)`,
    ),
    `rank correlation of the amplitude borne with neurons ${found.sizeRankCorrelation?.toFixed(2) ?? '–'}, with overfit ${found.overfitRankCorrelation?.toFixed(2) ?? '–'}`,
    `lowest test error  ${example(found.lowestTestError)}`,
    `least overfit      ${example(found.leastOverfit)}`,
    ...found.retraining.map(
      ({ amplitude: a, nominalR, beforeR, afterR }) =>
        `A = ${a.toFixed(2)}: mean R ${nominalR.toFixed(3)} without, ${beforeR.toFixed(3)} with uneven activations, ${afterR.toFixed(3)} retrained`,
    ),
    `written   study.json, random.svg, smooth.svg, retrained.svg in ${out}`,
  ];
}

/** `neuroprint activations`: how uneven activation curves may be, and what retraining on the realised ones recovers. */
export const activationsCommand: CommandModule<object, Arguments> = {
  command: 'activations',
  describe: 'Test error of regression networks against activation noise and uneven activations, and after retraining',
  builder: (yargs) =>
    yargs
      .options({
        data: { ...textOption('data', 'CSV with numeric columns and a target column'), demandOption: true },
        out: { ...textOption('out', 'Folder for study.json and pictures'), demandOption: true },
        target: textOption('target', 'Column to predict', 'target'),
        split: textOption('split', 'Column with train, valid or test; without it 60/20/20 by the seed', 'split'),
        layers: textOption('layers', 'Numbers of hidden layers', '1,2,3,4'),
        neurons: textOption('neurons', 'Neurons of all hidden layers together', '12,30,90'),
        draws: numberOption(
          'draws',
          { min: 1, max: 1000, default: 5, describe: 'Noises and sheets at every amplitude' },
          true,
        ),
        waterline: numberOption(
          'waterline',
          {
            min: 1e-12,
            describe:
              'Test error that is still borne, in units of the target; 1.5 times the largest without noise unless given',
          },
          false,
        ),
        seed: seedOption(0),
        overwrite: overwriteOption,
        json: jsonOption,
      })
      .example(
        '$0 activations --data friedman1.csv --out activations/friedman1',
        'One to four layers, up to 90 neurons',
      ) as never,
  handler: async (argv) => {
    const began = process.cpuUsage();
    const table = readRegressionTable(argv.data, { target: argv.target, split: argv.split, seed: argv.seed });
    prepareOutputFolder(argv.out, argv.overwrite);
    const [layers, neurons] = [parseCounts('layers', argv.layers), parseCounts('neurons', argv.neurons)];
    const grid = { layers, neurons, amplitudes: AMPLITUDES, retrainAt: RETRAIN_AT, draws: argv.draws, seed: argv.seed };
    const progress = new Progress(`activations ${table.name}`);
    const networks: StudiedNetwork[] = [];
    for (const network of studyActivations(table, grid)) {
      networks.push(network);
      progress.update(networks.length, layers.length * neurons.length, titleOf(network));
      await new Promise(setImmediate);
    }
    progress.done();
    const waterline = argv.waterline ?? DEFAULT_WATERLINE * Math.max(...networks.map(({ test }) => test.rmse));
    const crossed = networks.map((network) => withCrossing(network, waterline));
    await plots(table, crossed, waterline, argv.out);
    const found = findings(crossed);
    const used = process.cpuUsage(began);
    const result = {
      dataset: table.name,
      waterline,
      amplitudes: AMPLITUDES,
      networks: crossed,
      findings: found,
      cpuSeconds: (used.user + used.system) / 1e6,
    };
    writeFileAtomic(join(argv.out, 'study.json'), `${JSON.stringify(result, null, 1)}\n`);
    printResult(argv.json, { ...result, out: argv.out }, linesOf(result, argv.out));
  },
};
