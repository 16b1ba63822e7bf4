/** What long work tells while it runs, for whoever shows more of it than a line. */
export type FlowEvent = TrainingEvent | LadderEvent | WorkEvent;

/** An epoch of training. */
export interface TrainingEvent {
  readonly kind: 'training';
  readonly restart: number;
  readonly restarts: number;
  readonly epoch: number;
  /** Epochs of all starts, so far and at most. */
  readonly done: number;
  readonly total: number;
  readonly trainLoss: number;
  readonly validLoss: number;
  /** In classification. */
  readonly validAccuracy: number | undefined;
  /** In regression, in the target's unit. */
  readonly validRmse: number | undefined;
  /** Accuracies of printed copies drawn in this epoch on the validation rows, lowest and highest, where they are known. */
  readonly printedBand: readonly [low: number, high: number] | undefined;
  readonly secondsLeft: number | undefined;
}

/** A rung of the error ladder, as soon as it is measured. */
export interface LadderEvent {
  readonly kind: 'rung';
  /** `network`, `ideal circuit`, `loaded` … */
  readonly step: string;
  readonly accuracy: number | undefined;
  readonly rmse: number | undefined;
  /** Root mean square of what the outputs are off the network's. */
  readonly rmsVoltsFromNetwork: number;
  /** Mean accuracy of printed copies. */
  readonly underVariation: number | undefined;
}

/** How far long work is, in words of the command line: rows simulated, copies judged. */
export interface WorkEvent {
  readonly kind: 'work';
  /** `verify`, `calibrate` … */
  readonly label: string;
  readonly done: number;
  /** 0 where nobody knows. */
  readonly total: number;
  readonly note: string;
  readonly secondsLeft: number | undefined;
}

/** Why a command was refused or failed. */
export interface Refusal {
  /** The column that it is about, where it is about one. */
  readonly column: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}
