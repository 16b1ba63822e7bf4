import { UsageError } from '@neuroprint/core';
import type { Job, Shard } from './job.ts';

/** Jobs in the order of the list, together with those that need them or that they need; common ones are in none. */
function bundlesOf(jobs: readonly Job[]): Job[][] {
  const bundleOf = new Map<string, Job[]>();
  const bundles: Job[][] = [];
  for (const job of jobs) {
    if (job.common === true) continue;
    const joined = [...new Set((job.needs ?? []).map((name) => bundleOf.get(name)))].filter((one) => one !== undefined);
    const [first, ...others] = joined;
    const bundle = first ?? [];
    if (first === undefined) bundles.push(bundle);
    for (const other of others) {
      bundle.push(...other);
      bundles.splice(bundles.indexOf(other), 1);
    }
    bundle.push(job);
    for (const one of bundle) bundleOf.set(one.name, bundle);
  }
  return bundles;
}

/** In how many shards a list can be cut at most. */
export function mostShards(jobs: readonly Job[]): number {
  return bundlesOf(jobs).length;
}

/** The shard that each job is in, by name, of `of`: a list is dealt out like cards, jobs that need each other together. The first vouches for common ones. */
export function shardsOf(jobs: readonly Job[], of: number): Map<string, number> {
  const common = jobs.filter((job) => job.common === true).map(({ name }) => [name, 0] as const);
  const own = bundlesOf(jobs).flatMap((bundle, i) => bundle.map(({ name }) => [name, i % of] as const));
  return new Map([...common, ...own]);
}

/** The jobs of a shard; all where there is none. Throws UsageError where a shard would have no job. */
export function jobsOfShard(jobs: readonly Job[], shard: Shard | undefined, unit: string): readonly Job[] {
  if (shard === undefined) return jobs;
  const most = mostShards(jobs);
  if (shard.of > most)
    throw new UsageError(
      `--shard ${shard.index}/${shard.of}: the work is ${most} ${unit}s, and so many shards have none.`,
      `Cut it into at most ${most}.`,
    );
  const places = shardsOf(jobs, shard.of);
  return jobs.filter(({ name, common }) => common === true || places.get(name) === shard.index);
}
