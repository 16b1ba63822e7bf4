import type { Blame } from '@neuroprint/core';
import { formatPercent } from '../format.ts';

/** What a component is shaded by, from nothing (white) to the most. */
export interface Heat {
  /** By the name of a device. */
  readonly shares: ReadonlyMap<string, number>;
  /** What the shade means, in the legend. */
  readonly legend: string;
  /** What is said below the drawing. */
  readonly note: string;
  /** What is said of one device where one points at it. */
  readonly about: (share: number) => string;
}

/** What of a circuit is to blame for decisions that variation flips, device by device. */
export function heatOf(blame: Blame | undefined): Heat | undefined {
  if (blame === undefined) return undefined;
  const shares = new Map<string, number>();
  for (const { name, share } of blame.components) {
    const device = name.split('.')[0]!;
    shares.set(device, (shares.get(device) ?? 0) + share);
  }
  return {
    shares,
    legend: 'to blame',
    note: blameNote(blame),
    about: (share) => `${formatPercent(share)} of the flips`,
  };
}

function blameNote({ expectedFlips, components }: Blame): string {
  const worst = components[0];
  return `Shaded by the share of the decisions that variation flips (${expectedFlips.toFixed(2)} expected)${worst === undefined ? '' : `; most by ${worst.name}, ${formatPercent(worst.share)}`}.`;
}
