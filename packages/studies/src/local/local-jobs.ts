import { type Dataset, readTextTable, UsageError } from '@neuroprint/core';
import type { Graph } from './graph.ts';
import { DEFAULT_SCALE } from './resistors.ts';
import type { StudyJob } from './study.ts';
import type { RegressionName, Selection } from './tasks.ts';

/**
 * What the studies use unless they say otherwise. Graph and rates were chosen on networks of seeds 1000 to 1014, which are in no
 * table; the step that the coarser levels lose needs the larger rate.
 */
export const GRAPH = { nodes: 16, neighbours: 6, rewire: 0.5 } as const;
export const EPOCHS = 100;
export const NUDGE = 0.1;
export const SEPARATION = 1.5;
export const rateOf = (levels: number): number => (levels < 400 ? 0.6 : 0.3);
const REGRESSION_ROWS = { trainRows: 30, testRows: 100 } as const;

/** A regression or a table of classes. */
export function regressionTask(name: RegressionName): StudyJob['task'] {
  return { kind: 'regression', name, ...REGRESSION_ROWS };
}

export function classesOf(data: Dataset, perClass: number, selection: Selection): StudyJob['task'] {
  return { kind: 'classes', data, perClass, selection };
}

/** A study with the settings above. */
export function studyJob(
  task: StudyJob['task'],
  rule: StudyJob['rule'],
  levels: number,
  seed: number,
  more: Partial<Pick<StudyJob, 'graph' | 'compareAt'>> & Partial<StudyJob['options']> = {},
): StudyJob {
  const { graph = GRAPH, compareAt, ...options } = more;
  return {
    graph,
    scale: { ...DEFAULT_SCALE, levels },
    rule,
    options: {
      nudge: NUDGE,
      rate: rateOf(levels),
      epochs: EPOCHS,
      targets: 'updated',
      separation: SEPARATION,
      ...options,
    },
    seed,
    task,
    ...(compareAt === undefined ? {} : { compareAt }),
  };
}

/** A graph from a CSV with the columns a and b, a row per edge, nodes from 0. Throws InputFileError and UsageError. */
export function readGraph(file: string): Graph {
  const table = readTextTable(file);
  const columns = ['a', 'b'].map((name) => table.header.indexOf(name));
  if (columns.includes(-1))
    throw new UsageError(
      `${file} has no columns a and b.`,
      'A row is an edge between the nodes a and b, counted from 0.',
    );
  const edges = Array.from({ length: table.rowCount }, (_, i) => {
    const [a, b] = columns.map((at) => table.columns[at]!.numberAt(i));
    if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b) || a! < 0 || b! < 0)
      throw new UsageError(`${file}, row ${i + 2}: an edge needs two nodes, whole numbers from 0.`);
    return [a!, b!] as const;
  });
  return { nodes: 1 + Math.max(...edges.flat()), edges };
}
