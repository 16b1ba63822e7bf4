import type { FittedCurve } from '../plots/fit.ts';

/** A fitted number on the page; `error` is in its own unit. */
interface FitParameter {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly error: number;
  /** What is to be said of it, such as that it stands at a bound. */
  readonly remark: string;
}

export interface FitDeviceData {
  readonly name: string;
  readonly sheet?: string | undefined;
  /** Curves with what the chosen law gives. */
  readonly curves: readonly FittedCurve[];
  /** Every law, the best first; `decades` is absent without transfer curves. */
  readonly laws: readonly {
    readonly law: string;
    readonly decades?: number | undefined;
    readonly share: number;
    readonly criterion: number;
    /** What the fit has beside the law, in words. */
    readonly extras: string;
  }[];
  /** Of the chosen law, and their correlations row by row. */
  readonly parameters: readonly FitParameter[];
  readonly correlations: readonly (readonly number[])[];
}

export interface FitKindData {
  readonly transistor: string;
  readonly polarity: 'n' | 'p';
  readonly law: string;
  /** The text of the law: quantities, then the current. */
  readonly text: readonly string[];
  readonly source: string;
  readonly warnings: readonly string[];
  readonly devices: readonly FitDeviceData[];
  readonly spread?:
    | {
        readonly parameters: readonly string[];
        readonly scale: readonly ('log' | 'linear')[];
        readonly covariance: readonly (readonly number[])[];
        readonly sheetShare: number;
      }
    | undefined;
}

/** Everything `renderFitReport` puts on the page. */
export interface FitReportData {
  readonly title: string;
  readonly kinds: readonly FitKindData[];
  readonly squares?:
    | {
        readonly file: string;
        readonly squares: ArrayLike<number>;
        readonly ohms: ArrayLike<number>;
        readonly facts: readonly { readonly name: string; readonly value: string }[];
        readonly sheetOhms: number;
        readonly contactOhms: number;
      }
    | undefined;
  readonly ageing?:
    | {
        readonly file: string;
        readonly of: 'resistors' | 'thresholds';
        readonly days: ArrayLike<number>;
        readonly devices: readonly {
          readonly name: string;
          readonly values: ArrayLike<number>;
          readonly predicted: ArrayLike<number>;
        }[];
        readonly laws: readonly {
          readonly law: string;
          readonly shapes: string;
          readonly rms: string;
          readonly criterion: number;
        }[];
        readonly lines: readonly string[];
      }
    | undefined;
}
