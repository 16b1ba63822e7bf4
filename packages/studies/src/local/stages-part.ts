import { meanAndStd } from '@neuroprint/core';
import { localPlot } from '@neuroprint/report';
import type { Chapter, Part } from './chapter.ts';
import { markdownTable } from './markdown.ts';
import { type StagesContext, stageSetup } from './stage-setup.ts';
import type { Feedback, StageCurves, StageEpoch } from './stages.ts';
import { MEASURED, type StagesResult } from './stages-job.ts';

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

/** Local learning through ptanh stages on Yin-Yang: accuracy, and the angle to the gradient while it learns. */
export function stagesPart(context: StagesContext): Chapter {
  const { seeds } = context;
  const { curves, siemens } = stageSetup(context);
  const jobs = VARIANTS.flatMap(({ feedback, twoSided }) =>
    Array.from(
      { length: seeds },
      (_, seed) => ({ kind: 'stages', curves, siemens, feedback, twoSided, seed }) as const,
    ),
  );
  return {
    jobs,
    toPart: (results) => {
      const histories = (results as readonly StagesResult[]).map(({ histories: [one] }) => one);
      return partOf(
        curves,
        VARIANTS.map((_, v) => histories.slice(v * seeds, (v + 1) * seeds)),
      );
    },
  };
}

async function partOf(
  curves: StageCurves,
  results: readonly (readonly StagesResult['histories'][0][])[],
): Promise<Part> {
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
