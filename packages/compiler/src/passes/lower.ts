import { findCell, type Place, stageAt, type Technology } from '@neuroprint/circuit';
import { isLinear, type Stage, type TrainedNetwork } from '@neuroprint/core';
import { NetworkLayerError } from '../errors.ts';
import type { Layer, Layered, NegativeForm, StageRow } from '../layered.ts';
import { driveOhms, FEEDBACK_SHARE, negativesWith } from '../op-amps.ts';
import type { PlainPass } from '../pass.ts';
import { checkShape } from './checks.ts';
import { checkNames } from './lower/names.ts';
import { checkVolts } from './lower/volts.ts';
import { fitColumns } from './scale-columns.ts';

export const lowerPass: PlainPass<'network', 'layered'> = {
  name: 'lower',
  from: 'network',
  to: 'layered',
  run: (network, { technology, networkFile, negativeForm }) => {
    const output = lower(network, technology, networkFile, negativeForm);
    const count = (is: (siemens: number, layer: Layer) => boolean): number =>
      output.layers.reduce((sum, layer) => sum + layer.siemens.filter((g) => is(g, layer)).length, 0);
    const changed = count((g) => g !== 0);
    const byStages = count((g, { negatives }) => g < 0 && negatives === undefined);
    const byOpamps = count((g, { negatives }) => g < 0 && negatives !== undefined);
    const served = [
      ...(byStages > 0 ? [`${byStages} take their input through a falling stage of their own`] : []),
      ...(byOpamps > 0 ? [`${byOpamps} are made by op-amps`] : []),
    ];
    return { output, changed, note: [`${changed} conductances`, ...served].join(', ') };
  },
  check: checkShape,
  // an ideal column does not know its scale: what it loads is measured at the one that it is printed at
  rungs: (layered, { ladder, technology }) => [
    ladder.networkRung(),
    ladder.idealRung('ideal circuit', layered),
    ladder.circuitRung('loaded circuit', fitColumns(layered, technology)),
  ],
};

/**
 * network → layered: shared stages become one instance per place. Throws NetworkLayerError (with layer, row and column) for a shape, sign
 * or node rule that the technology has no circuit for, InputFileError for a name that must not stand in a netlist and for volts that
 * are not the technology's.
 */
export function lower(
  network: TrainedNetwork,
  technology: Technology,
  file = 'network.json',
  form: NegativeForm = 'column',
): Layered {
  checkNames(network, file);
  checkVolts(network, technology, file);
  let inputs = network.inputs.length;
  const layers = network.layers.map((layer, l): Layer => {
    const fail = (message: string, place: Omit<Place, 'layer'> = {}, hint?: string): never => {
      throw new NetworkLayerError({ layer: l, ...place }, message, hint, file);
    };
    const signed = layer.nodeRule === 'kirchhoff';
    if (signed && technology.opamp === undefined)
      fail(
        `the node rule "kirchhoff" needs op-amps, and the technology ${technology.name} has none`,
        {},
        'Train for a technology that has, such as opamp.',
      );
    const rows = layer.conductancesSiemens;
    const columns = rows[0]!.length;
    if (rows.length !== inputs + 2)
      fail(`has ${rows.length} rows of conductances, and needs ${inputs} inputs, bias and pull-down`);
    rows.forEach((values, row) => {
      if (values.length !== columns) fail(`has ${values.length} columns, and row 0 has ${columns}`, { row });
      values.forEach((siemens, column) => {
        if (!Number.isFinite(siemens)) fail(`the conductance is ${siemens}`, { row, column });
        if (row >= inputs && siemens < 0 && !signed)
          fail(`bias and pull-down cannot be negative (${siemens})`, { row, column });
      });
    });
    // a negative conductance g is made by the resistor R_f/(R·|g|)
    const siemens = Float64Array.from(rows.flat(), (g) => (signed && g < 0 ? g / FEEDBACK_SHARE : g));
    const falling = signed ? undefined : stageRow(layer.fallingStages, inputs, technology, fail);
    const activation = isLinear(layer)
      ? { cell: falling!.cell, values: [] }
      : stageRow(layer.activationStages, columns, technology, fail);
    const lowered: Layer = {
      inputs,
      columns,
      siemens,
      falling: falling ?? { ...activation, values: [] },
      activation,
      invertersPerEntry: true,
      ...(signed ? { negatives: negativesWith(form, driveOhms(siemens, columns, form)) } : {}),
    };
    inputs = columns;
    return lowered;
  });
  if (inputs !== network.classes.length)
    throw new NetworkLayerError(
      { layer: layers.length - 1 },
      `has ${inputs} outputs, and there are ${network.classes.length} classes`,
      undefined,
      file,
    );
  return { layers };
}

function stageRow(
  stages: readonly Stage[],
  places: number,
  technology: Technology,
  fail: (message: string) => never,
): StageRow {
  if (stages.length !== 1 && stages.length !== places)
    fail(`has ${stages.length} stages for ${places} places; give one for all or one for each`);
  const cell = findCell(technology, stages[0]!.cell);
  const values = Array.from({ length: places }, (_, place) => {
    const stage = stageAt(stages, place);
    if (stage.cell !== cell.name) fail(`mixes the cells ${cell.name} and ${stage.cell}`);
    return Float64Array.from(
      cell.parameters,
      ({ name }) => stage.values[name] ?? fail(`a stage ${cell.name} has no value for ${name}`),
    );
  });
  return { cell: cell.name, values };
}
