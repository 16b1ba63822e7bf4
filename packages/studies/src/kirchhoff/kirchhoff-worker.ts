import { answerJobs } from '@neuroprint/core';
import { doPhysicalJob } from './kirchhoff-jobs.ts';

answerJobs(doPhysicalJob);
