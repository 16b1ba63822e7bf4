import type { StudyContext } from '@neuroprint/studies';
import { interrupted } from './interrupt.ts';
import { Progress } from './output.ts';
import { TEMPLATES } from './paths.ts';

/** Runs a study with a line of progress; Ctrl-C ends it at the next point where nothing is lost. */
export async function withStudy<T>(label: string, study: (context: StudyContext) => Promise<T>): Promise<T> {
  const progress = new Progress(label);
  try {
    return await study({
      signal: interrupted,
      onProgress: (done, total, what) => progress.update(done, total, what),
      templates: TEMPLATES,
    });
  } finally {
    progress.done();
  }
}
