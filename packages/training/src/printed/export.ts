import type { Eta, NetworkLayer, Stage } from '@neuroprint/core';
import type { StageKind } from './broken.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { printedMagnitude } from './layer/weights.ts';
import { createStages, type Stages } from './stages.ts';
import type { LayerFactors } from './variation.ts';

/** The stages of one kind as they are meant: one place for every set of component values. */
interface MeantStages {
  readonly stages: Stages;
  /** No variation. */
  readonly factors: readonly LayerFactors[];
  /** [sets × 4], layer after layer. */
  readonly eta: Float64Array;
}

/** Says what parameters are in a network file; made once for an architecture, and asked often. */
export class Exporter {
  readonly #architecture: Architecture;
  readonly #kinds: Readonly<Record<StageKind, MeantStages>>;

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
    const meant = (kind: StageKind): MeantStages => {
      const own = architecture.share === 'neuron';
      const places = architecture.shapes.map(({ inputs, neurons }) => {
        if (!own) return 1;
        return kind === 'falling' ? inputs : neurons;
      });
      const none = new Float64Array(0);
      const factors = places.map((count) => {
        const exact = new Float64Array(count * architecture[kind].size);
        return { conductances: none, falling: exact, activation: exact };
      });
      const stages = createStages(kind, architecture[kind], { draws: 1, places, own }, 'float64');
      return { stages, factors, eta: new Float64Array(4 * places.reduce((sum, count) => sum + count, 0)) };
    };
    this.#kinds = { falling: meant('falling'), activation: meant('activation') };
  }

  /** The layers of a TrainedNetwork: conductances in siemens within the printable range or 0, stages with values and η. */
  layers(parameters: Parameters): NetworkLayer[] {
    const { shapes, conductances } = this.#architecture;
    const [falling, activation] = [this.#stages('falling', parameters), this.#stages('activation', parameters)];
    return shapes.map(({ inputs, neurons, linear }, l) => {
      const { theta } = parameters.layers[l]!;
      return {
        nodeRule: 'inverter',
        conductancesSiemens: Array.from({ length: inputs + 2 }, (_, row) =>
          Array.from({ length: neurons }, (_, k) => {
            const value = theta[row * neurons + k]!;
            const magnitude = printedMagnitude(value, conductances);
            return magnitude === 0 ? 0 : Math.sign(value) * magnitude * conductances.unitSiemens;
          }),
        ),
        activationStages: linear === true ? [] : activation[l]!,
        fallingStages: falling[l]!,
      };
    });
  }

  #stages(kind: StageKind, parameters: Parameters): Stage[][] {
    const { stages, factors, eta } = this.#kinds[kind];
    const space = this.#architecture[kind];
    stages.print(parameters.layers, factors, eta);
    let at = 0;
    return stages.shared.map((logs) =>
      Array.from({ length: logs.length / space.size }, (_, set) => {
        at += 4;
        return {
          cell: space.cell.name,
          values: space.valuesOf(logs.subarray(set * space.size, (set + 1) * space.size)),
          eta: [...eta.subarray(at - 4, at)] as unknown as [...Eta],
        };
      }),
    );
  }
}
