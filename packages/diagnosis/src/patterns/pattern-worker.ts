import { answerJobs } from '@neuroprint/core';
import type { PatternStep, PatternStepResult, PatternTold } from './pattern-thread.ts';
import { type PatternRequest, PatternSearch } from './search.ts';

let search: PatternSearch | undefined;

answerJobs<PatternStep, PatternStepResult, PatternTold, PatternRequest>((step, tell, request) => {
  search ??= new PatternSearch({ ...request, onProgress: (what, done, total) => tell({ what, done, total }) });
  if (step.kind === 'choose') return search.choose();
  if (step.kind === 'fit') return { chiSquares: search.chiSquares(step.choice, step) };
  return { findings: search.findings(step.choice, step.mostChiSquare, step) };
});
