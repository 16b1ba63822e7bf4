import { meanAndStd } from '@neuroprint/core';
import type { Chapter, Part } from './chapter.ts';
import { CIRCUIT_EPOCHS, type CircuitResult, FEEDBACKS } from './circuit-job.ts';
import { markdownTable } from './markdown.ts';
import { type StagesContext, stageSetup } from './stage-setup.ts';
import type { StageEpoch } from './stages.ts';

const TITLES: Readonly<Record<(typeof FEEDBACKS)[number], string>> = {
  none: 'nothing',
  random: 'random crossbar, slopes',
  mirrored: 'mirrored crossbar',
  gradient: 'adjoint gradient of the circuit (not local)',
};

/**
 * The network that the mirrored rule taught on the fast model, as an exact circuit, and taught further there: voltages, loading and the
 * gradient are those of the circuit, and only the slopes of stages are still read from their curves.
 */
export function circuitPart(context: StagesContext): Chapter {
  const { seeds, templates, technology: name } = context;
  const { design, curves, siemens, technology } = stageSetup(context);
  const shared = {
    kind: 'circuit',
    curves,
    siemens,
    design,
    templates,
    technology: name,
    hash: technology.hash,
  } as const;
  return {
    jobs: Array.from({ length: seeds }, (_, seed) => ({ ...shared, seed })),
    toPart: (results) => partOf(results as readonly CircuitResult[]),
  };
}

function partOf(results: readonly CircuitResult[]): Part {
  const ideal = results.map((result) => result.ideal);
  const rows = FEEDBACKS.map((feedback, v) => {
    const own = results.map(({ histories }) => histories[v]!);
    const over = (of: (epoch: StageEpoch) => number) => meanAndStd(own.flatMap((history) => history.map(of)));
    const accuracy = (at: number) => meanAndStd(own.map((history) => history.at(at)!.testAccuracy));
    return {
      title: TITLES[feedback],
      before: accuracy(0),
      after: accuracy(-1),
      hidden: over(({ cosine }) => cosine.hidden),
      output: over(({ cosine }) => cosine.output),
      both: over(({ cosine }) => cosine.both),
    };
  });
  const share = ({ mean, std }: { mean: number; std: number }) =>
    `${(100 * mean).toFixed(1)} ± ${(100 * std).toFixed(1)}`;
  const angle = ({ mean, std }: { mean: number; std: number }) => `${mean.toFixed(3)} ± ${std.toFixed(3)}`;
  const markdown = markdownTable(
    [
      'leads back',
      'fast model, %',
      'circuit before, %',
      `after ${CIRCUIT_EPOCHS} epochs, %`,
      'cosine, hidden crossbar',
      'cosine, output crossbar',
      'cosine, both',
    ],
    rows.map(({ title, before, after, hidden, output, both }) => [
      title,
      share(meanAndStd(ideal)),
      share(before),
      share(after),
      ...[hidden, output, both].map(angle),
    ]),
  );
  return { markdown, numbers: { ideal, rows }, plots: [] };
}
