import { type Dataset, meanAndStd, quantile } from '@neuroprint/core';
import { type LocalLine, localPlot } from '@neuroprint/report';
import { type Chapter, chapterOfGroups } from './chapter.ts';
import { DIRECTIONS } from './gradient.ts';
import { TARGETS } from './learn.ts';
import { classesOf, regressionTask, studyJob } from './local-jobs.ts';
import { markdownTable } from './markdown.ts';
import { RULES } from './rules.ts';
import type { StudyResult } from './study.ts';
import { SELECTIONS } from './tasks.ts';

/** What the parts of networks of resistors need. */
export interface PartContext {
  readonly data: Dataset;
  readonly perClass: number;
  readonly networks: number;
  readonly sizes: readonly number[];
}

const LEVELS = [128, 1280];
const LEARNERS = ['gradient', ...RULES] as const;
const TITLES: Readonly<Record<(typeof LEARNERS)[number], string>> = {
  gradient: 'adjoint gradient (not local)',
  'voltage-drop': 'voltage drop',
  sign: 'sign',
  'ignore-free': 'ignore free',
};

const percent = (values: readonly number[]): string => {
  const { mean, std } = meanAndStd(values);
  return `${(100 * mean).toFixed(1)} ± ${(100 * std).toFixed(1)}`;
};

const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);

/** The three rules on both regressions and on the table of classes, at 128 and 1,280 levels. */
export function rulesPart(context: PartContext): Chapter {
  const tasks = [
    regressionTask('one-input'),
    regressionTask('two-input'),
    classesOf(context.data, context.perClass, 'random'),
  ];
  const cells = LEVELS.flatMap((levels) => LEARNERS.map((rule) => ({ levels, rule })));
  const groups = cells.flatMap(({ levels, rule }) =>
    tasks.map((task) => seeds(context.networks).map((seed) => studyJob(task, rule, levels, seed))),
  );
  return chapterOfGroups(groups, async (results) => {
    const rows = cells.map(({ levels, rule }, c) => {
      const [one, two, classes] = results.slice(3 * c, 3 * c + 3) as [StudyResult[], StudyResult[], StudyResult[]];
      const millivolts = (of: readonly StudyResult[]) => of.map(({ errorVolts }) => 1e3 * errorVolts!.after);
      return {
        levels,
        rule,
        oneInputMillivolts: { median: quantile(millivolts(one), 0.5), p90: quantile(millivolts(one), 0.9) },
        twoInputMillivolts: { median: quantile(millivolts(two), 0.5), p90: quantile(millivolts(two), 0.9) },
        accuracies: classes.map(({ accuracy }) => accuracy!.after),
      };
    });
    const millivolts = ({ median, p90 }: { median: number; p90: number }) => `${median.toFixed(1)} (${p90.toFixed(1)})`;
    const first = results.slice(0, 3) as [StudyResult[], StudyResult[], StudyResult[]];
    const before = (of: readonly StudyResult[]) => {
      const volts = of.map(({ errorVolts }) => 1e3 * errorVolts!.before);
      return millivolts({ median: quantile(volts, 0.5), p90: quantile(volts, 0.9) });
    };
    const untrained = first[2].map(({ accuracy }) => accuracy!.before);
    const readout = first[2].map(({ accuracy }) => accuracy!.readout);
    const markdown = markdownTable(
      ['rule', 'levels', 'one input, mV', 'two inputs, mV', `${context.data.name}, %`],
      [
        ['no network: readout alone', '', '', '', percent(readout)],
        ['network as drawn', '', before(first[0]), before(first[1]), percent(untrained)],
        ...rows.map(({ rule, levels, oneInputMillivolts, twoInputMillivolts, accuracies }) => [
          TITLES[rule],
          String(levels),
          millivolts(oneInputMillivolts),
          millivolts(twoInputMillivolts),
          percent(accuracies),
        ]),
      ],
    );
    return { markdown, numbers: { rows, untrained: meanAndStd(untrained), readout: meanAndStd(readout) }, plots: [] };
  });
}

/** The first, last and random rows of every class, fixed and updated targets, all rules, against no network. */
export function selectionPart(context: PartContext): Chapter {
  const cells = SELECTIONS.flatMap((selection) => TARGETS.map((targets) => ({ selection, targets })));
  const levels = LEVELS.at(-1)!;
  const groups = cells.flatMap(({ selection, targets }) =>
    LEARNERS.map((rule) =>
      seeds(context.networks).map((seed) =>
        studyJob(classesOf(context.data, context.perClass, selection), rule, levels, seed, { targets }),
      ),
    ),
  );
  return chapterOfGroups(groups, async (results) => {
    const rows = cells.map(({ selection, targets }, c) => {
      const own = results.slice(LEARNERS.length * c, LEARNERS.length * (c + 1));
      const of = (key: 'readout' | 'before') => own[0]!.map(({ accuracy }) => accuracy![key]);
      return {
        selection,
        targets,
        readout: of('readout'),
        before: of('before'),
        after: own.map((group) => group.map(({ accuracy }) => accuracy!.after)),
      };
    });
    const header = [`${context.perClass} rows per class`, 'targets', 'no network', 'as drawn'];
    const markdown = markdownTable(
      [...header, ...LEARNERS.map((rule) => TITLES[rule])],
      rows.map(({ selection, targets, readout, before, after }) => [
        selection,
        targets,
        percent(readout),
        percent(before),
        ...after.map(percent),
      ]),
    );
    return { markdown, numbers: { rows }, plots: [] };
  });
}

/** Networks of growing size. */
export function sizesPart(context: PartContext): Chapter {
  const { sizes, networks } = context;
  const levels = LEVELS.at(-1)!;
  const task = classesOf(context.data, context.perClass, 'random');
  const groups = sizes.flatMap((nodes) =>
    RULES.map((rule) =>
      seeds(networks).map((seed) =>
        studyJob(task, rule, levels, seed, { graph: { nodes, neighbours: 6, rewire: 0.5 }, epochs: 50 }),
      ),
    ),
  );
  return chapterOfGroups(groups, async (results) => {
    const at = (s: number, r: number) => results[s * RULES.length + r]!.map(({ accuracy }) => accuracy!);
    const rows = sizes.map((nodes, s) => ({
      nodes,
      before: meanAndStd(at(s, 0).map(({ before }) => before)),
      after: RULES.map((rule, r) => ({ rule, ...meanAndStd(at(s, r).map(({ after }) => after)) })),
    }));
    const readout = meanAndStd(at(0, 0).map(({ readout }) => readout));
    const shown = ({ mean, std }: { mean: number; std: number }) =>
      `${(100 * mean).toFixed(1)} ± ${(100 * std).toFixed(1)}`;
    const markdown = markdownTable(
      ['nodes', 'as drawn', ...RULES.map((rule) => TITLES[rule])],
      rows.map(({ nodes, before, after }) => [String(nodes), shown(before), ...after.map(shown)]),
    );
    const line = (label: string, of: (row: (typeof rows)[number]) => { mean: number; std: number }): LocalLine => ({
      label,
      points: rows.map((row) => ({
        x: row.nodes,
        y: of(row).mean,
        low: of(row).mean - of(row).std,
        high: of(row).mean + of(row).std,
      })),
    });
    const plot = await localPlot({
      name: 'local-sizes',
      x: { quantity: 'Nodes', unit: 'count' },
      y: { quantity: 'Test accuracy, mean and standard deviation', percent: true },
      lines: [
        ...RULES.map((rule, r) => line(TITLES[rule], ({ after }) => after[r]!)),
        line('as drawn', ({ before }) => before),
      ],
      reference: { label: 'readout without a network', y: readout.mean },
    });
    return { markdown, numbers: { readout, rows }, plots: [plot] };
  });
}

const COMPARED_EPOCHS = [0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 80, 100];
const DIRECTION_TITLES: Readonly<Record<(typeof DIRECTIONS)[number], string>> = {
  'voltage-drop': 'voltage drop: ΔV²',
  sign: 'sign of ΔV',
  power: 'power: ΔV²/R²',
  current: 'power, nudged by currents',
};

/** The directions of the rules against the adjoint gradient, while the voltage-drop rule learns the two-input regression. */
export function gradientPart(context: PartContext): Chapter {
  const jobs = seeds(context.networks).map((seed) =>
    studyJob(regressionTask('two-input'), 'voltage-drop', LEVELS.at(-1)!, seed, { compareAt: COMPARED_EPOCHS }),
  );
  return chapterOfGroups([jobs], async ([results]) => {
    const rows = COMPARED_EPOCHS.map((epoch, i) => ({
      epoch,
      cosines: DIRECTIONS.map((name) => meanAndStd(results!.map(({ comparisons }) => comparisons[i]!.cosines[name]))),
    }));
    const shown = [0, 1, 10, 30, 100];
    const markdown = markdownTable(
      ['direction', ...shown.map((epoch) => `epoch ${epoch}`)],
      DIRECTIONS.map((name, k) => [
        DIRECTION_TITLES[name],
        ...rows
          .filter(({ epoch }) => shown.includes(epoch))
          .map(({ cosines }) => `${cosines[k]!.mean.toFixed(2)} ± ${cosines[k]!.std.toFixed(2)}`),
      ]),
    );
    const plot = await localPlot({
      name: 'local-gradient',
      x: { quantity: 'Epochs of learning', unit: 'count' },
      y: { quantity: 'Cosine with the gradient', percent: false },
      lines: DIRECTIONS.map((name, k) => ({
        label: DIRECTION_TITLES[name],
        points: rows.map(({ epoch, cosines }) => {
          const { mean, std } = cosines[k]!;
          return { x: epoch, y: mean, low: mean - std, high: Math.min(1, mean + std) };
        }),
      })),
    });
    return { markdown, numbers: { directions: DIRECTIONS, rows }, plots: [plot] };
  });
}
