import type { Variation } from './schemas/network.ts';
import type { SeriesPart } from './schemas/non-ideality.ts';

/** In a word or two, for reports: `uniform`, `log-normal`, `drift 0.3 + levels 16`. */
export function describeVariation(model: Variation): string {
  const percent = (s: number): string => `${Number((100 * s).toPrecision(4))} %`;
  const amplitude = ({ volts, biasShare = 0 }: SeriesPart): string =>
    volts === undefined ? `${percent(biasShare)} of the bias` : `${volts} V`;
  const kind = model.kind === 'lognormal' ? 'log-normal' : model.kind;
  const base = model.relativeSpread > 0 ? [`${kind} ${percent(model.relativeSpread)}`] : [];
  const parts = (model.nonIdealities ?? []).map((part) => {
    if (part.kind === 'multinomial') return `multinomial ${part.zero}/${part.half}`;
    if (part.kind === 'levels') return `${part.levels} levels with write error ${percent(part.spread)}`;
    if (part.kind === 'drift') return `log-normal drift ${part.sigma}`;
    if (part.kind === 'noise') return `activation noise ${amplitude(part)}`;
    if (part.kind === 'smooth') return `uneven curves ${amplitude(part)}`;
    if (part.kind === 'mapping') return `measured conductance curve, log-normal ${part.sigma}`;
    return `${part.kind} ${percent(part.spread)}`;
  });
  const age = model.ageing?.days.join(' to ');
  const aged = age === undefined ? [] : [`age of ${age} days`];
  const measured = model.transistors === 'measured' ? ['transistors as measured'] : [];
  const broken = (model.faultRate ?? 0) > 0 ? [`${percent(model.faultRate!)} of the parts broken`] : [];
  return [...base, ...measured, ...parts, ...aged, ...broken].join(' + ') || 'no variation';
}
