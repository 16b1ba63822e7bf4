import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  formatSeconds,
  inLockedFolder,
  makeFolder,
  parseJson,
  readTextFile,
  sha256,
  stopwatch,
  writeFileAtomic,
} from '@neuroprint/core';
import type { StudyContext } from '../context.ts';
import { circuitPart } from './circuit-part.ts';
import { gradientPart, type Part, type PartContext, rulesPart, selectionPart, sizesPart } from './parts.ts';
import { stagesPart } from './stages-part.ts';

/** The chapters of the study. */
export const PARTS = ['rules', 'selection', 'sizes', 'gradient', 'stages', 'circuit'] as const;
type PartName = (typeof PARTS)[number];

const HEADINGS: Readonly<Record<PartName, string>> = {
  rules: 'Three rules',
  selection: 'Which rows are learnt from',
  sizes: 'Size',
  gradient: 'Rule and gradient',
  stages: 'Through ptanh stages, Yin-Yang',
  circuit: 'On the exact circuit, Yin-Yang',
};

export interface LocalStudyRequest {
  readonly data: Dataset;
  readonly parts: readonly PartName[];
  readonly perClass: number;
  readonly networks: number;
  readonly sizes: readonly number[];
  readonly seeds: number;
  readonly workers: number;
  readonly technology: string;
  readonly surrogates: string;
  readonly out: string;
  /** Of neuroprint: a part made by another version is made again. */
  readonly version: string;
}

/** A part as its file keeps it, so that a study that was stopped goes on. */
interface MadePart {
  readonly name: PartName;
  /** SHA-256 of everything it follows from. */
  readonly recipe: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly markdown: string;
  readonly numbers: object;
}

function recipeOf(name: PartName, request: LocalStudyRequest): string {
  const { data, perClass, networks, sizes, version } = request;
  const own =
    name === 'stages' || name === 'circuit'
      ? [request.technology, request.surrogates, request.seeds]
      : [data.sha256, perClass, networks];
  return sha256(JSON.stringify([version, name, ...own, name === 'sizes' ? sizes : []]));
}

/** The part that was made before in the same way, or undefined. */
function readMade(file: string, recipe: string): MadePart | undefined {
  if (!existsSync(file)) return undefined;
  const made = parseJson(file, readTextFile(file)) as MadePart;
  return made.recipe === recipe ? made : undefined;
}

async function make(name: PartName, recipe: string, maker: () => Promise<Part>, out: string): Promise<MadePart> {
  const began = performance.now();
  const spent = stopwatch();
  const { markdown, numbers, plots } = await maker();
  const { cpuSeconds } = spent();
  const seconds = (performance.now() - began) / 1000;
  const made = { name, recipe, seconds, cpuSeconds, markdown, numbers };
  for (const { name: plot, svg } of plots) writeFileAtomic(join(out, `${plot}.svg`), svg);
  writeFileAtomic(join(out, `${name}.json`), `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

/** Makes the parts that are not in the folder yet, and writes study.md, a file a part and the figures. */
export async function runLocalStudy(
  request: LocalStudyRequest,
  { signal, onProgress: tell, templates }: StudyContext,
): Promise<{ readonly text: string; readonly numbers: Readonly<Record<string, object>> }> {
  const { out } = request;
  const onProgress = (what: string, done: number, total: number) => {
    signal.throwIfAborted();
    tell(done, total, what);
  };
  const context: PartContext = { ...request, onProgress };
  const stages = { ...request, templates, onProgress };
  const makers: Readonly<Record<PartName, () => Promise<Part>>> = {
    rules: () => rulesPart(context),
    selection: () => selectionPart(context),
    sizes: () => sizesPart(context),
    gradient: () => gradientPart(context),
    stages: () => stagesPart(stages),
    circuit: () => circuitPart(stages),
  };
  makeFolder(out);
  return inLockedFolder(out, async () => {
    const made: MadePart[] = [];
    for (const name of request.parts) {
      const recipe = recipeOf(name, request);
      made.push(readMade(join(out, `${name}.json`), recipe) ?? (await make(name, recipe, makers[name], out)));
    }
    const text = made
      .map(
        ({ name, markdown, seconds, cpuSeconds }) =>
          `## ${HEADINGS[name]}\n\n${markdown}\n\n${formatSeconds(seconds)}, ${formatSeconds(cpuSeconds)} of processor time.\n`,
      )
      .join('\n');
    writeFileAtomic(join(out, 'study.md'), text);
    const numbers = Object.fromEntries(
      made.map(({ name, seconds, cpuSeconds, numbers: own }) => [name, { seconds, cpuSeconds, ...own }]),
    );
    return { text, numbers };
  });
}
