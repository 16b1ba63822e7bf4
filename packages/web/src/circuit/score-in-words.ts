import { formatUnits } from '@neuroprint/core/words';
import type { Score } from '../session/circuit-view.ts';

/** `28 of 30 rows right (−2)`; against `before`, where that is another one. */
export function scoreInWords({ rows, right, rmse, moved, unsolved }: Score, before?: Score): string {
  const none = unsolved === 0 ? '' : `, ${unsolved} without an operating point`;
  if (rmse !== undefined) {
    const was = before?.rmse === undefined || before.rmse === rmse ? '' : ` (before ${formatUnits(before.rmse)})`;
    return `RMSE ${formatUnits(rmse)} over ${rows} rows${was}${none}`;
  }
  const turned = moved === undefined || moved === 0 ? '' : `, ${moved} decided otherwise`;
  if (right === undefined) return `${rows} rows${turned === '' ? ', none decided otherwise' : turned}${none}`;
  const change = before?.right === undefined || before.rows !== rows ? 0 : right - before.right;
  const by = change === 0 ? '' : ` (${change > 0 ? '+' : '−'}${Math.abs(change)})`;
  return `${right} of ${rows} rows right${by}${turned}${none}`;
}
