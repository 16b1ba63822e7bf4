import { answerJobs } from '@neuroprint/core';
import { studyNetwork } from './activation-study.ts';

answerJobs(studyNetwork);
