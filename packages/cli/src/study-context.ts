import type { StudyContext } from '@neuroprint/studies';
import { TEMPLATES } from '#host';
import { withProgress } from './output.ts';
import { terminal } from './terminal.ts';

/** Runs a study with a line of progress; Ctrl-C ends it at the next point where nothing is lost. */
export async function withStudy<T>(label: string, study: (context: StudyContext) => Promise<T>): Promise<T> {
  return withProgress(label, (onProgress) => study({ signal: terminal().signal, onProgress, templates: TEMPLATES }));
}
