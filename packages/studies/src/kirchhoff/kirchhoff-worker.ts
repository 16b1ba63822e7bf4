import { answerJobs } from '@neuroprint/core';
import { runPhysicalJob } from './kirchhoff-jobs.ts';

answerJobs(runPhysicalJob);
