import { join } from 'node:path';
import { type Dataset, writeFileAtomic } from '@neuroprint/core';
import { inputOf, type Job, type JobOutcome, runOnHands } from '@neuroprint/jobs';
import { placeOf, type StudyContext, type StudyPlace } from '../context.ts';
import { rowFileOf } from '../recipe.ts';
import { type Chapter, type LocalJob, type LocalResult, openLocalThread } from './chapter.ts';
import { circuitPart } from './circuit-part.ts';
import { gradientPart, rulesPart, selectionPart, sizesPart } from './parts.ts';
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

export interface LocalStudyRequest extends StudyPlace {
  readonly data: Dataset;
  readonly parts: readonly PartName[];
  readonly perClass: number;
  readonly networks: number;
  readonly sizes: readonly number[];
  readonly seeds: number;
  readonly technology: string;
  readonly surrogates: string;
  /** Of neuroprint: what another version has made is not taken. */
  readonly version: string;
}

/** What a study came to: of a shard, neither text nor numbers; parts of which a job failed are in neither. */
interface LocalStudyMade extends Pick<JobOutcome<LocalResult>, 'made' | 'found' | 'failures'> {
  readonly text: string;
  readonly numbers: Readonly<Record<string, object>>;
}

function chapterOf(name: PartName, request: LocalStudyRequest, templates: string): Chapter {
  const stages = { ...request, templates };
  if (name === 'rules') return rulesPart(request);
  if (name === 'selection') return selectionPart(request);
  if (name === 'sizes') return sizesPart(request);
  if (name === 'gradient') return gradientPart(request);
  return name === 'stages' ? stagesPart(stages) : circuitPart(stages);
}

/** A job with its table by its hash, and without the folder of the technologies. */
function whatDecides(job: LocalJob): object {
  if (job.kind !== 'resistors') return { ...job, templates: undefined };
  return job.networks.map(({ task, ...network }) => ({
    ...network,
    task: task.kind === 'classes' ? { ...task, data: task.data.sha256 } : task,
  }));
}

/** Computes what is not in the folder yet, a file a job; writes study.md, a file a part and the figures. */
export async function runLocalStudy(request: LocalStudyRequest, context: StudyContext): Promise<LocalStudyMade> {
  const { out, version } = request;
  const chapters = request.parts.map((name) => ({ name, ...chapterOf(name, request, context.templates) }));
  const asked = new Map<string, LocalJob>();
  const jobs = chapters.flatMap(({ name, jobs: own }) =>
    own.map((job, k): Job => {
      const title = `${name}-${k}`;
      asked.set(title, job);
      return { name: title, input: inputOf([version, whatDecides(job)]), file: rowFileOf(title) };
    }),
  );
  const outcome = await runOnHands<LocalJob, LocalResult>(
    { what: 'local study', unit: 'job', jobs, open: openLocalThread, asked: ({ name }) => asked.get(name)! },
    placeOf(request, context),
  );
  const { made, found, failures } = outcome;
  if (request.shard !== undefined) return { text: '', numbers: {}, made, found, failures };
  const parts: { readonly name: PartName; readonly markdown: string; readonly numbers: object }[] = [];
  const results = outcome.results.values();
  for (const { name, jobs: own, toPart } of chapters) {
    const came = own.map(() => results.next().value);
    if (came.includes(undefined)) continue;
    const { markdown, numbers, plots } = await toPart(came as LocalResult[]);
    parts.push({ name, markdown, numbers });
    for (const { name: plot, svg } of plots) writeFileAtomic(join(out, `${plot}.svg`), svg);
    writeFileAtomic(join(out, `${name}.json`), `${JSON.stringify({ name, markdown, numbers }, null, 2)}\n`);
  }
  const text = parts.map(({ name, markdown }) => `## ${HEADINGS[name]}\n\n${markdown}\n`).join('\n');
  writeFileAtomic(join(out, 'study.md'), text);
  const numbers = Object.fromEntries(parts.map(({ name, numbers: own }) => [name, own]));
  return { text, numbers, made, found, failures };
}
