import { answerJobs } from '@neuroprint/core';
import type { Answers, Round, Subject } from './rounds.ts';
import { Workshop } from './workshop.ts';

let workshop: Workshop | undefined;

answerJobs<Round, Answers, never, Subject>((round, _tell, subject) => {
  workshop ??= new Workshop(subject);
  return workshop.do(round);
});
