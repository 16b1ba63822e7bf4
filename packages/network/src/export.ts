import type { Eta, NetworkLayer, Stage } from '@neuroprint/core';
import { createVariation } from './evaluate.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { printedMagnitude } from './layer/weights.ts';
import { PrintedModel } from './model.ts';

/** The layers of a TrainedNetwork: conductances in siemens within the printable range or 0, stages with values and η. */
export function exportLayers(architecture: Architecture, parameters: Parameters): NetworkLayer[] {
  const model = new PrintedModel(architecture, 1, []);
  model.print(parameters, createVariation(architecture, 1, 0));
  const { conductances, nodeRule } = architecture;
  return architecture.shapes.map(({ inputs, neurons }, l) => {
    const { theta } = parameters.layers[l]!;
    const stage = (which: 'falling' | 'activation'): Stage => ({
      cell: architecture[which].cell.name,
      values: architecture[which].valuesOf(model.componentLogs(l, which)),
      eta: [...model.eta(l, which).subarray(0, 4)] as unknown as [...Eta],
    });
    return {
      nodeRule,
      conductancesSiemens: Array.from({ length: inputs + 2 }, (_, row) =>
        Array.from({ length: neurons }, (_, k) => {
          const value = theta[row * neurons + k]!;
          const magnitude = printedMagnitude(value, conductances);
          return magnitude === 0 ? 0 : Math.sign(value) * magnitude * conductances.unitSiemens;
        }),
      ),
      activationStages: [stage('activation')],
      fallingStages: [stage('falling')],
    };
  });
}
