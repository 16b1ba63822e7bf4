import { meanAndStd } from '@neuroprint/core';
import { markdownTable } from './markdown.ts';
import type { Part } from './parts.ts';
import {
  CLASSES,
  HIDDEN,
  STAGE_EPOCHS,
  STAGE_NUDGE,
  type StagesContext,
  stageSetup,
  yinYangRows,
} from './stage-setup.ts';
import { type Feedback, learnStages, type StageEpoch } from './stages.ts';
import { StageCircuit } from './stages-circuit.ts';

const VARIANTS: readonly { readonly title: string; readonly feedback: Feedback }[] = [
  { title: 'nothing', feedback: 'none' },
  { title: 'random crossbar, slopes', feedback: 'random' },
  { title: 'mirrored crossbar', feedback: 'mirrored' },
  { title: 'adjoint gradient of the circuit (not local)', feedback: 'gradient' },
];
const CIRCUIT_EPOCHS = 8;
const MEASURED = [0, 2, 4, CIRCUIT_EPOCHS];

/**
 * The network that the mirrored rule taught on the fast model, as an exact circuit, and taught further there: voltages, loading and the
 * gradient are those of the circuit, and only the slopes of stages are still read from their curves.
 */
export async function circuitPart(context: StagesContext): Promise<Part> {
  const { seeds, onProgress } = context;
  const { technology, design, curves, siemens } = stageSetup(context);
  const histories: StageEpoch[][][] = VARIANTS.map(() => []);
  const ideal: number[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const { train, test } = yinYangRows(seed);
    const common = { hidden: HIDDEN, nudge: STAGE_NUDGE, twoSided: true, seed, siemens };
    const taught = { ...common, feedback: 'mirrored', epochs: STAGE_EPOCHS } as const;
    const first = learnStages(curves, train, test, CLASSES.length, taught, [STAGE_EPOCHS]);
    ideal.push(first.history[0]!.testAccuracy);
    for (const [v, { feedback }] of VARIANTS.entries()) {
      const shape = { inputs: train.volts.length / train.labels.length, hidden: HIDDEN, classes: CLASSES.length };
      const physics = new StageCircuit(technology, design, shape);
      const options = { ...common, feedback, epochs: CIRCUIT_EPOCHS, start: first.logSiemens };
      histories[v]!.push(learnStages(curves, train, test, CLASSES.length, options, MEASURED, physics).history);
      // a turn for signals
      await new Promise(setImmediate);
      onProgress('circuit', seed * VARIANTS.length + v + 1, seeds * VARIANTS.length);
    }
  }
  const rows = VARIANTS.map(({ title }, v) => {
    const own = histories[v]!;
    const over = (of: (epoch: StageEpoch) => number) => meanAndStd(own.flatMap((history) => history.map(of)));
    const accuracy = (at: number) => meanAndStd(own.map((history) => history.at(at)!.testAccuracy));
    return {
      title,
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
