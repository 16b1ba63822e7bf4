import type { Rung, UnderVariation, VerificationReport } from '@neuroprint/core';
import type { DecisionsView } from '../session/session.ts';

/** What the page reads of the objects that `--json` prints. */
interface Promised {
  readonly asPromised: boolean;
  readonly promises?: VerificationReport['promises'];
}

export interface TrainResult {
  readonly asPromised: boolean;
  readonly epochs: number;
  readonly accuracy?: { readonly train: number; readonly valid: number; readonly test: number };
  readonly rmse?: { readonly train: number; readonly valid: number; readonly test: number };
  readonly underVariation?: UnderVariation;
  readonly cost?: { readonly watts: number; readonly resistors: number; readonly fallingStages: number };
}

export interface CompileResult extends Promised {
  readonly components: { readonly resistors: number; readonly transistors: number; readonly opamps: number };
  readonly watts: number;
  readonly printedSquareMetres: { readonly transistors: number; readonly resistors: number };
  readonly ladder: readonly Rung[];
  readonly layout?: {
    readonly widthMetres: number;
    readonly heightMetres: number;
    readonly rules: string;
    readonly violations: number;
    readonly extracted?: { readonly matches: boolean };
  };
}

export type VerifyResult = Promised & VerificationReport;

/** How often rows of each true class are decided as each class: [true][decided]. */
export function confusionOf({ classes, labels, decided }: DecisionsView): number[][] {
  const counts = classes.map(() => classes.map(() => 0));
  labels.forEach((label, row) => {
    counts[label]![decided[row]!]! += 1;
  });
  return counts;
}
