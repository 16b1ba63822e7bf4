import type { Eta, NetworkLayer, Stage } from '@neuroprint/core';
import { createVariation } from './evaluate.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { printedMagnitude } from './layer/weights.ts';
import { PrintedModel } from './model.ts';

/** The layers of a TrainedNetwork: conductances in siemens within the printable range or 0, stages with values and η. */
export function exportLayers(architecture: Architecture, parameters: Parameters): NetworkLayer[] {
  const model = new PrintedModel(architecture, 1, []);
  model.print(parameters, createVariation(architecture, 1, 0));
  const { conductances } = architecture;
  return architecture.shapes.map(({ inputs, neurons, linear }, l) => {
    const { theta } = parameters.layers[l]!;
    const stages = (which: 'falling' | 'activation'): Stage[] => {
      const space = architecture[which];
      const logs = model.componentLogs(l, which);
      return Array.from({ length: logs.length / space.size }, (_, set) => ({
        cell: space.cell.name,
        values: space.valuesOf(logs.subarray(set * space.size, (set + 1) * space.size)),
        eta: [...model.eta(l, which).subarray(4 * set, 4 * set + 4)] as unknown as [...Eta],
      }));
    };
    return {
      nodeRule: 'inverter',
      conductancesSiemens: Array.from({ length: inputs + 2 }, (_, row) =>
        Array.from({ length: neurons }, (_, k) => {
          const value = theta[row * neurons + k]!;
          const magnitude = printedMagnitude(value, conductances);
          return magnitude === 0 ? 0 : Math.sign(value) * magnitude * conductances.unitSiemens;
        }),
      ),
      activationStages: linear === true ? [] : stages('activation'),
      fallingStages: stages('falling'),
    };
  });
}
