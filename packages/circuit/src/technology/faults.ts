import { type DeepReadonly, InputFileError } from '@neuroprint/core';
import { z } from 'zod';
import { sourced } from './marks.ts';

/** What can happen to a resistor, a transistor, two lines, or the contact of a supply. */
const FAULT_KINDS = [
  'open',
  'short',
  'factor',
  'gate open',
  'drain-source short',
  'gate-drain short',
  'gate-source short',
  'no channel',
  'lines shorted',
  'contact',
] as const;

/** A kind of fault as a list has it: what is broken, and how much. */
export interface FaultSpec {
  readonly kind: (typeof FAULT_KINDS)[number];
  readonly ohms?: number;
  readonly factor?: number;
}

/** `faults` of technology.json: such as a leak of 100 kΩ between gate and source, or a resistor of three times its ohms. */
export const faultsSchema = z
  .array(z.strictObject({ kind: z.enum(FAULT_KINDS), ohms: sourced.optional(), factor: sourced.optional() }))
  .min(1);

/** Throws InputFileError for a fault that says too little, too much or nothing new. */
export function faultSpecsOf(path: string, list: DeepReadonly<z.infer<typeof faultsSchema>>): readonly FaultSpec[] {
  return list.map(({ kind, ohms, factor }, k) => {
    const fail = (message: string, hint: string): never => {
      throw new InputFileError({ file: path }, `faults.${k} (${kind}): ${message}`, hint);
    };
    if (kind === 'gate open' || kind === 'no channel') return fail('stands in every list already', 'Leave it out.');
    if (kind === 'factor') {
      if (factor === undefined || ohms !== undefined || !(factor.value > 0) || factor.value === 1)
        return fail('needs a factor above 0 that is not 1, and nothing else', 'Write a factor such as 3.');
      return { kind, factor: factor.value };
    }
    if (ohms === undefined || factor !== undefined || !(ohms.value > 0))
      return fail('needs ohms above 0, and nothing else', 'Write ohms such as 100000.');
    return { kind, ohms: ohms.value };
  });
}
