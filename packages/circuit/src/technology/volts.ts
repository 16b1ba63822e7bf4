import type { VoltRange } from '@neuroprint/core';
import type { Technology } from './technology.ts';

/** The largest difference between two solvers of one circuit that is not a fault, as a share of the bias. */
const TOLERANCE_SHARE = 1e-5;

/** How far two solvers of one circuit may be apart, in volts: 10 µV for each volt of the bias. */
export function toleranceVolts({ bias }: Pick<Technology, 'bias'>): number {
  return TOLERANCE_SHARE * bias.volts;
}

/** What inputs and crossbars give a stage: volts between ground, the bias and the ends of the inputs. */
export function stageVolts({ bias, inputVolts }: Pick<Technology, 'bias' | 'inputVolts'>): VoltRange {
  return { minimum: Math.min(0, inputVolts.minimum), maximum: Math.max(bias.volts, inputVolts.maximum) };
}
