import { lawRange, type SpiceModel, spiceModel, type Technology, type TransistorKind } from '@neuroprint/circuit';
import { TemplateError } from '../engine/errors.ts';
import { findSubckt, parseNetlist } from '../text/own-netlist.ts';
import { formatNumber, renderTemplate } from './templates.ts';

/** A kind of transistor as a subcircuit of a technology's netlists. */
export interface TransistorModel {
  readonly name: string;
  /** Ports in the order of the subcircuit: `drain`, `gate` and `source` in some order. */
  readonly ports: readonly string[];
  /** `wl` for W/L, or `w` and `l` in metres. */
  readonly parameters: readonly string[];
}

/** models.lib.hbs: a subcircuit for every kind of transistor. Throws TemplateError where the text has other ones. */
export function renderTransistors(technology: Technology): string {
  const kinds = Object.values(technology.transistors);
  const text = renderTemplate(technology.folder, MODELS, {
    technology: technology.name,
    transistors: kinds.map((kind) => ({ name: kind.name, comment: kind.comment, ...modelOf(technology, kind) })),
  }).trimEnd();
  const netlist = parseNetlist(`${text}\n`, MODELS);
  for (const kind of kinds) {
    const { ports, params } = findSubckt(netlist, kind.name);
    const { parameters } = modelOf(technology, kind);
    if (!['drain', 'gate', 'source'].every((port) => ports.includes(port)) || ports.length > 3)
      throw new TemplateError(MODELS, `the subcircuit ${kind.name} needs the ports drain, gate and source`);
    if (Object.keys(params).join() !== parameters.join())
      throw new TemplateError(MODELS, `the subcircuit ${kind.name} needs the parameters ${parameters.join(' and ')}`);
  }
  return text;
}

/** The kinds of transistors of a technology as its own netlists have them. */
export function transistorModels(technology: Technology): TransistorModel[] {
  const netlist = parseNetlist(`${renderTransistors(technology)}\n`, MODELS);
  return Object.keys(technology.transistors).map((name) => {
    const { ports, params } = findSubckt(netlist, name);
    return { name, ports, parameters: Object.keys(params) };
  });
}

/** What a call of a kind gives its parameters, from a width and a length. */
export function sizeWords({ parameters }: Pick<TransistorModel, 'parameters'>, width: number, length: number): string {
  const values: Readonly<Record<string, number>> = { wl: width / length, w: width, l: length };
  return parameters.map((name) => `${name}=${formatNumber(values[name])}`).join(' ');
}

const MODELS = 'models.lib.hbs';

function modelOf(technology: Technology, kind: TransistorKind): SpiceModel {
  const { lowVolts, highVolts } = lawRange({
    supplies: Object.values(technology.supplies),
    sweepVolts: technology.sweepVolts,
  });
  const { celsius } = technology;
  return spiceModel(kind, { celsius, volts: [lowVolts, highVolts], number: formatNumber });
}

/** The names of the parameters of a kind's subcircuit. */
export function modelParameters(technology: Technology, kind: TransistorKind): readonly string[] {
  return modelOf(technology, kind).parameters;
}
