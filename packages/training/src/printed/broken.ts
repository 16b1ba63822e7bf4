import {
  type BrokenPart,
  brokenStage,
  type Cell,
  drawnFault,
  RESISTOR_FAULTS,
  type StuckAt,
  type Technology,
  TRANSISTOR_FAULTS,
} from '@neuroprint/circuit';
import type { LayerShape } from './kernel/tensors.ts';

/** Factor of a conductance that is broken: what other conductances of its column give or take is then no longer seen. */
const BROKEN_FACTOR = { open: 1e-6, short: 1e6 } as const;

export type StageKind = 'falling' | 'activation';

/** What faults make of stages, by layer: the inputs of the first layer are ideal sources. */
export interface StageFaults {
  readonly falling: (layer: number) => readonly BrokenPart[];
  readonly activation: (layer: number) => readonly BrokenPart[];
}

/** Computed when first asked for; columns and stages drive with the middle of what crossbars are printed of. */
export function stageFaults(technology: Technology, falling: Cell, activation: Cell): StageFaults {
  const { minOhms, maxOhms } = technology.crossbar;
  const known = new Map<string, readonly BrokenPart[]>();
  const of = (cell: Cell, ohms: number): readonly BrokenPart[] => {
    const key = `${cell.name} ${ohms}`;
    const parts = known.get(key) ?? brokenStage(technology, cell, ohms);
    known.set(key, parts);
    return parts;
  };
  const middle = Math.sqrt(minOhms * maxOhms);
  return {
    falling: (layer) => of(falling, layer === 0 ? 0 : middle),
    activation: () => of(activation, middle),
  };
}

/** Broken parts of one layer's prints: of every stage [draws × places] where it is stuck (see StuckAt), NaN where it is not. */
export interface LayerFaults {
  readonly falling: Float64Array;
  readonly activation: Float64Array;
}

/** The broken parts of `draws` prints, refilled in place. */
export class PrintedFaults {
  readonly layers: readonly LayerFaults[];
  /** How many random numbers it takes. */
  readonly count: number;
  readonly #rate: number;
  readonly #stages: readonly { readonly stuck: Float64Array; readonly parts: readonly BrokenPart[] }[];

  constructor(shapes: readonly LayerShape[], draws: number, rate: number, faults: StageFaults) {
    this.#rate = rate;
    this.layers = shapes.map(({ inputs, neurons }) => ({
      falling: new Float64Array(draws * inputs).fill(Number.NaN),
      activation: new Float64Array(draws * neurons).fill(Number.NaN),
    }));
    this.#stages = this.layers.flatMap(({ falling, activation }, l) => [
      { stuck: falling, parts: faults.falling(l) },
      { stuck: activation, parts: faults.activation(l) },
    ]);
    const ofStages = this.#stages.reduce((sum, { stuck, parts }) => sum + stuck.length * parts.length, 0);
    this.count = ofStages + shapes.reduce((sum, s) => sum + draws * (s.inputs + 2) * s.neurons, 0);
  }

  /** New faults from `count` uniform numbers that begin at `first`; factors of broken conductances are overwritten. */
  fill(numbers: Float64Array, first: number, conductances: readonly Float64Array[]): void {
    let at = first;
    for (const factors of conductances)
      for (let i = 0; i < factors.length; i += 1, at += 1) {
        const fault = drawnFault(numbers[at]!, this.#rate, RESISTOR_FAULTS);
        if (fault !== undefined) factors[i] = BROKEN_FACTOR[fault];
      }
    for (const { stuck, parts } of this.#stages)
      for (let i = 0; i < stuck.length; i += 1) {
        stuck[i] = Number.NaN;
        for (const part of parts) {
          const u = numbers[at]!;
          at += 1;
          const volts = stuckVolts(part, u, this.#rate);
          // of several broken parts of a stage the last one decides
          if (volts !== undefined) stuck[i] = volts;
        }
      }
  }
}

function stuckVolts(part: BrokenPart, u: number, rate: number): StuckAt {
  const fault = drawnFault(u, rate, part.size === RESISTOR_FAULTS.length ? RESISTOR_FAULTS : TRANSISTOR_FAULTS);
  return fault === undefined ? undefined : part.get(fault);
}

/** η [instances × 4] of the stages that are stuck becomes that of a constant: η₁ the volts (minus them, of falling stages), η₂ = η₄ = 0. */
export function stick(kind: StageKind, stuck: Float64Array, eta: Float64Array): void {
  for (let i = 0; i < stuck.length; i += 1) {
    const at = stuck[i]!;
    if (Number.isNaN(at)) continue;
    eta[4 * i] = Number.isFinite(at) ? signOf(kind) * at : eta[4 * i]! + endOf(kind, at) * eta[4 * i + 1]!;
    eta[4 * i + 1] = 0;
    eta[4 * i + 3] = 0;
  }
}

/** ∂f/∂η of the stages that are stuck, from that of the constant: an end of the curve moves with η₁ and η₂, so many volts with nothing. */
export function stickBackward(kind: StageKind, stuck: Float64Array, gradient: Float64Array): void {
  for (let i = 0; i < stuck.length; i += 1) {
    const at = stuck[i]!;
    if (Number.isNaN(at)) continue;
    const level = Number.isFinite(at) ? 0 : gradient[4 * i]!;
    gradient.set([level, Number.isFinite(at) ? 0 : endOf(kind, at) * level, 0, 0], 4 * i);
  }
}

/** A falling stage gives −(η₁ + η₂·tanh). */
function signOf(kind: StageKind): 1 | -1 {
  return kind === 'falling' ? -1 : 1;
}

/** The tanh at which the stage's output is highest (at = Infinity) or lowest. */
function endOf(kind: StageKind, at: number): 1 | -1 {
  return at > 0 === (kind === 'activation') ? 1 : -1;
}
