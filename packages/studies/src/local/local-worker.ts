import { answerJobs } from '@neuroprint/core';
import { runStudy, type StudyJob } from './study.ts';

answerJobs((job: StudyJob) => runStudy(job).result);
