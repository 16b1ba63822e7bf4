import { loadTechnology } from '@neuroprint/circuit';
import { fileExists, platform } from '@neuroprint/core';
import { SURROGATES } from 'neuroprint/page';
import type { TechnologyView } from './session.ts';

/** What there is to print with, in the order of their names. */
export function technologiesIn(folder: string): TechnologyView[] {
  return platform.files
    .list(folder)
    .filter((name) => fileExists(`${folder}/${name}/technology.json`))
    .map((name) => {
      const { description, supplies, marks, layout } = loadTechnology(folder, name);
      return {
        name,
        description,
        supplies,
        numbers: marks.map(({ path, kind, value, unit, text }) => ({ path, kind, value, unit, text })),
        hasLayout: layout !== undefined,
        canTrain: ['negweight', 'ptanh'].every((cell) => fileExists(`${SURROGATES}/${name}/${cell}/surrogate.json`)),
      };
    });
}
