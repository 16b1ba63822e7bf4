import { type JobThread, openThread } from '@neuroprint/core';
import type { Fault } from '../faults/fault.ts';
import type { FaultRange, JudgedFaults, ToleranceTask } from './single-faults.ts';

/** Starts a thread that judges ranges of a list of faults. */
export function openFaultThread(task: ToleranceTask, faults: readonly Fault[]): JobThread<FaultRange, JudgedFaults> {
  return openThread(new URL('./fault-worker.js', import.meta.url), { task, faults });
}
