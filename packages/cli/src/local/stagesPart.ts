import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { type Eta, meanAndStd, yinYang } from '@neuroprint/core';
import { ACTIVATION_CELL, FALLING_CELL, type Feedback, learnStages, type StageEpoch } from '@neuroprint/network';
import { localPlot } from '@neuroprint/report';
import { readSurrogate, SurrogateModel } from '@neuroprint/surrogate';
import { TEMPLATES } from '../paths.ts';
import { markdownTable } from './markdown.ts';
import type { Part } from './parts.ts';

/** What leads the outputs' errors back, and in how many nudged states. */
const VARIANTS: readonly {
  readonly title: string;
  readonly feedback: Feedback;
  readonly twoSided: boolean;
  readonly inFigure: boolean;
}[] = [
  { title: 'nothing (stages pass nothing back)', feedback: 'none', twoSided: true, inFigure: true },
  { title: 'random crossbar, no slopes', feedback: 'random-flat', twoSided: true, inFigure: true },
  { title: 'random crossbar, slopes', feedback: 'random', twoSided: true, inFigure: true },
  { title: 'mirrored crossbar, one-sided nudge', feedback: 'mirrored', twoSided: false, inFigure: true },
  { title: 'mirrored crossbar, two-sided nudge', feedback: 'mirrored', twoSided: true, inFigure: true },
  { title: 'adjoint gradient (not local)', feedback: 'gradient', twoSided: true, inFigure: false },
];

const ROWS = { train: 600, test: 400 };
const HIDDEN = 20;
const STAGE_EPOCHS = 200;
const STAGE_NUDGE = 0.1;
const MEASURED = [0, 1, 2, 5, 10, 20, 40, 70, 100, 150, 200];
const CLASSES = ['yin', 'yang', 'dot'];
/** 100 kΩ loads and W/L = 2: steeper than the typical design, which is too flat to tell the dots. */
const STAGE_OHMS = 100e3;
const STAGE_LENGTH = 54e-6;
const STAGE_WIDTH = 2 * STAGE_LENGTH;

export interface StagesContext {
  readonly technology: string;
  readonly surrogates: string;
  readonly seeds: number;
  readonly onProgress: (what: string, done: number, total: number) => void;
}

/** Local learning through ptanh stages on Yin-Yang: accuracy, and the angle to the gradient while it learns. */
export async function stagesPart({ technology: name, surrogates, seeds, onProgress }: StagesContext): Promise<Part> {
  const technology = loadTechnology(TEMPLATES, name);
  const eta = (cell: string): Eta => {
    const model = SurrogateModel.of(readSurrogate(join(surrogates, name, cell), { technology: name, cell }));
    const sizes: Readonly<Record<string, number>> = { R: STAGE_OHMS, W: STAGE_WIDTH, L: STAGE_LENGTH };
    const design = Float64Array.from(model.parameterNames, (parameter) => sizes[parameter[0]!]!);
    return [...model.predict(design, 1)] as unknown as Eta;
  };
  const curves = { activation: eta(ACTIVATION_CELL), falling: eta(FALLING_CELL) };
  const siemens = [1 / technology.crossbar.maxOhms, 1 / technology.crossbar.minOhms] as const;
  const results: StageEpoch[][][] = [];
  for (const { feedback, twoSided } of VARIANTS) {
    const histories: StageEpoch[][] = [];
    for (let seed = 0; seed < seeds; seed += 1) {
      const { rows, labels } = yinYang({ rows: ROWS.train + ROWS.test, seed });
      const part = (from: number, to: number) => ({
        volts: Float64Array.from(rows.slice(from, to).flat()),
        labels: Int32Array.from(labels.slice(from, to), (label) => CLASSES.indexOf(label)),
      });
      const options = { hidden: HIDDEN, feedback, nudge: STAGE_NUDGE, twoSided, epochs: STAGE_EPOCHS, seed, siemens };
      const [train, test] = [part(0, ROWS.train), part(ROWS.train, ROWS.train + ROWS.test)];
      histories.push(learnStages(curves, train, test, CLASSES.length, options, MEASURED));
      // a turn for signals
      await new Promise(setImmediate);
      onProgress('stages', results.length * seeds + seed + 1, VARIANTS.length * seeds);
    }
    results.push(histories);
  }
  const rows = VARIANTS.map(({ title }, v) => {
    const over = (of: (epoch: StageEpoch) => number) =>
      MEASURED.map((epoch, i) => ({ epoch, ...meanAndStd(results[v]!.map((history) => of(history[i]!))) }));
    return {
      title,
      train: over(({ trainAccuracy }) => trainAccuracy),
      test: over(({ testAccuracy }) => testAccuracy),
      hidden: over(({ cosine }) => cosine.hidden),
      output: over(({ cosine }) => cosine.output),
      both: over(({ cosine }) => cosine.both),
    };
  });
  const share = ({ mean, std }: { mean: number; std: number }) =>
    `${(100 * mean).toFixed(1)} ± ${(100 * std).toFixed(1)}`;
  const angle = ({ mean, std }: { mean: number; std: number }) => `${mean.toFixed(3)} ± ${std.toFixed(3)}`;
  const meanOver = (epochs: readonly { readonly mean: number; readonly std: number }[]) =>
    meanAndStd(epochs.map(({ mean }) => mean));
  const markdown = markdownTable(
    ['leads back', 'train, %', 'test, %', 'cosine, hidden crossbar', 'cosine, output crossbar', 'cosine, both'],
    rows.map(({ title, train, test, hidden, output, both }) => [
      title,
      share(train.at(-1)!),
      share(test.at(-1)!),
      angle(meanOver(hidden)),
      angle(meanOver(output)),
      angle(meanOver(both)),
    ]),
  );
  const plot = await localPlot({
    name: 'local-stages',
    x: { quantity: 'Epochs of learning', unit: 'count' },
    y: { quantity: 'Cosine with the gradient', percent: false },
    lines: rows
      .filter((_, v) => VARIANTS[v]!.inFigure)
      .map(({ title, both }) => ({
        label: title,
        // without bands: five of them hide each other
        points: both.map(({ epoch, mean }) => ({ x: epoch, y: mean, low: mean, high: mean })),
      })),
  });
  return { markdown, numbers: { curves, rows }, plots: [plot] };
}
