import type { StageKind } from '../broken.ts';

/** What a network costs when it is printed as the fast model has it. */
export interface NetworkCost {
  /** Static watts, mean over rows: crossbars at ideal voltages, stages without load by the exact device equations. */
  readonly watts: number;
  /** Σ W·L of the transistor channels. */
  readonly areaSquareMetres: number;
  /** Σ W·L and the ink of all resistors, crossbars included: the parts' areas in bom.csv but for the layout grid. */
  readonly printedSquareMetres: number;
  readonly fallingStages: number;
  /** Crossbar resistors that are printed. */
  readonly resistors: number;
}

/** All places of one layer that stages of one kind can stand at. */
export interface StagePlaces {
  readonly kind: StageKind;
  readonly layer: number;
  /** Of every place: whether a stage is printed there, its set of component values, its watts and how often it sees which volts. */
  readonly printed: readonly boolean[];
  readonly set: readonly number[];
  readonly watts: readonly number[];
  readonly share: readonly Float64Array[];
  /** ln ω and channel area of every set. */
  readonly logs: readonly Float64Array[];
  readonly area: readonly number[];
  readonly printedArea: readonly number[];
}

export interface Measured {
  readonly cost: NetworkCost;
  readonly stages: readonly StagePlaces[];
  /** Mean (v_source − v_node)² of every crossbar entry [(inputs + 2) × neurons], in volts². */
  readonly squares: readonly Float64Array[];
}
