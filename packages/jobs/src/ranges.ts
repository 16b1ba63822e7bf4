/** Places 0 to `count` − 1 in ranges of `size`, the last one shorter; `to` is behind a range's last place. */
export function inRanges<T>(count: number, size: number, make: (from: number, to: number) => T): T[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, k) => make(k * size, Math.min(count, (k + 1) * size)));
}
