import { answerJobs } from '@neuroprint/core';
import type { Fault } from '../faults/fault.ts';
import { FaultJudge, type FaultRange, type JudgedFaults, type ToleranceTask } from './single-faults.ts';

let judge: FaultJudge | undefined;

answerJobs<FaultRange, JudgedFaults, never, { readonly task: ToleranceTask; readonly faults: readonly Fault[] }>(
  (range, _tell, { task, faults }) => {
    judge ??= new FaultJudge(task, faults);
    return judge.judge(range);
  },
);
