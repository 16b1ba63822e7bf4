/** Whether a file holds samples, and not how they came about: what every way to make them has in common. */
export function isSamples(name: string): boolean {
  return name === 'samples.json' || name.startsWith('shard-') || name.startsWith('incident-');
}
