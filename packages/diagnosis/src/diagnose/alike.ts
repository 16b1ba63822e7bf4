/**
 * Groups of hypotheses that a sheet cannot tell apart: where nothing varies, all volts measured agree within `volts`. The first of a group
 * is its leader; an undefined mean is alone.
 */
export function groupAlike(means: readonly (Float64Array | undefined)[], volts: number): number[][] {
  const groups: number[][] = [];
  means.forEach((mean, i) => {
    const found = groups.find(([leader]) => {
      const other = means[leader!];
      return mean !== undefined && other !== undefined && mean.every((v, k) => Math.abs(v - other[k]!) <= volts);
    });
    if (found === undefined) groups.push([i]);
    else found.push(i);
  });
  return groups;
}
