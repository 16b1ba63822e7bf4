import type { TestCase } from '@neuroprint/verifier';
import { type Outcome, outcome } from './command.ts';

/**
 * What was done, with what failed of its checks: said in the first line and the first field of --json, and by exit code 3. `hint` is what
 * to do then.
 */
export function judged(
  result: object,
  lines: readonly string[],
  cases: readonly Pick<TestCase, 'name' | 'failure'>[],
  hint?: string,
): Outcome {
  const failures = cases.filter(({ failure }) => failure !== undefined);
  const asPromised = failures.length === 0;
  const json = { asPromised, ...result };
  if (asPromised) return outcome(json, lines);
  const more = failures.length === 1 ? '' : ` (and ${failures.length - 1} more)`;
  const remarks = failures.map(({ name, failure }) => `failed: ${name}: ${failure}`);
  return outcome(json, [`NOT AS PROMISED: ${failures[0]!.failure!.split('\n')[0]}${more}`, ...lines], 3, [
    ...remarks,
    ...(hint === undefined ? [] : [hint]),
  ]);
}
