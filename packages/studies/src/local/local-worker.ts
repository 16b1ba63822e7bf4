import { answerJobs } from '@neuroprint/core';
import { doLocalJob } from './chapter.ts';

answerJobs(doLocalJob);
