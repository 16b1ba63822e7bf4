import type { Share } from '@neuroprint/training';

/** A way to make a network, and the spreads under which the paper's table tests it. */
export interface Case {
  readonly name: string;
  /** How its line of the table begins. */
  readonly title: string;
  readonly activation: 'learned' | 'fixed' | 'digital';
  /** Spread that training sees; 0 is nominal training. */
  readonly trainedAt: number;
  readonly testedAt: readonly number[];
  readonly share?: Share;
  /** Fixed activation with more neurons: as many trainable numbers as the learned one, or as much power. */
  readonly more?: 'numbers' | 'power';
}
