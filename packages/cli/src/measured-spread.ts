import { variationOf } from '@neuroprint/circuit';
import type { Variation } from '@neuroprint/core';
import { choice } from './options.ts';

export const spreadOptions = {
  spread: choice("Transistors vary by the technology's measured covariance, and not by --variation", ['measured']),
};

/** A variation whose transistors differ as measured, where `--spread measured` is given. */
export function withSpread(base: number | Variation, spread: 'measured' | undefined): number | Variation {
  return spread === undefined ? base : variationOf({ ...variationOf(base), transistors: spread });
}
