import { z } from 'zod';
import { sourced } from './marks.ts';

/** The operational amplifier of a process: a single pole, supplies of its own. */
export const opampSchema = z.strictObject({
  description: z.string(),
  /** Open-loop gain at dc, volts per volt. */
  gain: sourced,
  /** Frequency in hertz at which the open loop's gain has fallen to one. */
  gainBandwidthHertz: sourced,
  /** Supplies: the output stays between them. */
  lowVolts: sourced,
  highVolts: sourced,
  /** Supply current without load. */
  quiescentAmperes: sourced,
});

/** The op-amp's law is v_out = mid + half·z/√(1 + z²), z = gain·(v₊ − v₋)/half, mid and half of the supplies. */
export type OpampCard = {
  readonly gain: number;
  readonly gainBandwidthHertz: number;
  readonly lowVolts: number;
  readonly highVolts: number;
  readonly quiescentAmperes: number;
};
