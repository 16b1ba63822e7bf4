import type { Eta, PortModelFile, Simulator, Surrogate, VoltRange } from '@neuroprint/core';

/** A held-out design: ngspice and the curve that the surrogate predicts, at the same input volts. */
export interface HeldOutCurve {
  /** `best`, `median`, `worst`. */
  readonly rank: string;
  /** Component values by parameter name, in ohms and metres. */
  readonly values: Readonly<Record<string, number>>;
  readonly inputVolts: ArrayLike<number>;
  readonly simulatedVolts: ArrayLike<number>;
  readonly predictedVolts: ArrayLike<number>;
  readonly operatingVolts?: VoltRange | undefined;
}

/** Everything `renderSurrogateReport` puts on the page. */
export interface SurrogateReportData {
  readonly surrogate: Surrogate;
  /** The cell's curve: falling cells are written −(η₁ + η₂·tanh(…)). */
  readonly curve: 'falling' | 'rising';
  readonly simulator?: Simulator | undefined;
  /** η of the held-out designs: fitted to ngspice and predicted from the component values, in the same order. */
  readonly heldOut: {
    readonly fitted: readonly Eta[];
    readonly predicted: readonly Eta[];
    /** Component values [designs × parameters] in ohms and metres: where in the design space the errors are. */
    readonly values?: ArrayLike<number>;
  };
  readonly curves?: readonly HeldOutCurve[] | undefined;
  /** Root mean square distance of the predicted curve from ngspice over held-out designs. */
  readonly curveRmsVolts?: { readonly median: number; readonly p95: number } | undefined;
  /**
   * What no surrogate can pass: held-out η against those of the same designs from a finer sweep, normalised as the error is, and
   * the error of the surrogate on these designs; or why it was not measured.
   */
  readonly noise?:
    | { readonly rows: number; readonly mseNormalised: number; readonly surrogateMseNormalised: number }
    | { readonly notMeasured: string }
    | undefined;
  /** Of the port model beside it: on held-out two-dimensional sweeps, and without a load on the held-out designs. */
  readonly port?:
    | { readonly test: PortModelFile['test']; readonly unloaded: NonNullable<PortModelFile['unloadedTest']> }
    | undefined;
  /** How the samples came out. */
  readonly samples?: { readonly requested: number; readonly converged: number; readonly failed: number } | undefined;
  /** The command that makes the same surrogate again. */
  readonly command?: string | undefined;
}
