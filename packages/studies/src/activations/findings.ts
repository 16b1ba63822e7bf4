import { crossing, rankCorrelation, type StudiedNetwork } from './activation-study.ts';

/** Amplitudes A of noise and unevenness, in units of tanh. */
export const AMPLITUDES = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];
export const RETRAIN_AT = [0.05, 0.2, 0.8];
/** Where no waterline is given: so many times the largest test error of a network without noise, so that every one starts below. */
export const DEFAULT_WATERLINE = 1.5;

/** A network of the study, and the amplitudes at which its mean test error crosses the waterline. */
export interface Studied extends StudiedNetwork {
  readonly crossing: { readonly random: number | undefined; readonly smooth: number | undefined };
}

export function withCrossing(network: StudiedNetwork, waterline: number): Studied {
  const at = (kind: 'random' | 'smooth') => crossing(AMPLITUDES, network[kind], waterline);
  return { ...network, crossing: { random: at('random'), smooth: at('smooth') } };
}

export const titleOf = (network: StudiedNetwork): string => network.hidden.join('-');

/** Findings of the published study, with what was measured here. */
export function findings(networks: readonly Studied[]) {
  const crossed = networks.filter(({ crossing }) => crossing.smooth !== undefined);
  const amplitude = (of: readonly Studied[]): number[] => of.map(({ crossing }) => crossing.smooth!);
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;
  const byLayers = [...new Set(networks.map(({ hidden }) => hidden.length))].map((layers) => ({
    layers,
    networks: networks.filter(({ hidden }) => hidden.length === layers).length,
    crossed: crossed.filter(({ hidden }) => hidden.length === layers).length,
    meanAmplitude: mean(amplitude(crossed.filter(({ hidden }) => hidden.length === layers))),
  }));
  const size = rankCorrelation(
    crossed.map(({ hidden }) => hidden.reduce((sum, n) => sum + n, 0)),
    amplitude(crossed),
  );
  const overfit = rankCorrelation(
    crossed.map((network) => network.overfit),
    amplitude(crossed),
  );
  const least = (of: (network: Studied) => number): Studied | undefined =>
    crossed.length === 0 ? undefined : crossed.reduce((a, b) => (of(b) < of(a) ? b : a));
  const shown = (network: Studied | undefined) =>
    network === undefined
      ? null
      : {
          hidden: network.hidden,
          testRmse: network.test.rmse,
          overfit: network.overfit,
          amplitude: network.crossing.smooth!,
        };
  return {
    byLayers,
    sizeRankCorrelation: Number.isNaN(size) ? null : size,
    overfitRankCorrelation: Number.isNaN(overfit) ? null : overfit,
    lowestTestError: shown(least(({ test }) => test.rmse)),
    leastOverfit: shown(least((network) => network.overfit)),
    retraining: RETRAIN_AT.map((amplitude, k) => ({
      amplitude,
      nominalR: mean(networks.map(({ test }) => test.r))!,
      beforeR: mean(networks.map(({ retrained }) => retrained[k]!.before.r))!,
      afterR: mean(networks.map(({ retrained }) => retrained[k]!.after.r))!,
    })),
  };
}

export interface ActivationResult {
  readonly dataset: string;
  readonly waterline: number;
  readonly networks: readonly Studied[];
  readonly findings: ReturnType<typeof findings>;
}

/** The result in words. */
export function activationLines(
  { dataset, waterline, networks, findings: found }: ActivationResult,
  out: string,
): string[] {
  const amplitude = (a: number | undefined): string => (a === undefined ? '   –' : a.toFixed(3));
  const example = (one: NonNullable<typeof found.leastOverfit> | null): string =>
    one === null
      ? 'none crosses'
      : `${one.hidden.join('-')}: test error ${one.testRmse.toPrecision(3)}, overfit ${one.overfit.toFixed(2)}, to A = ${one.amplitude.toFixed(3)}`;
  return [
    `${dataset}: ${networks.length} networks; waterline ${waterline.toPrecision(4)}`,
    'hidden           parameters  test rmse      R  overfit  to A (noise)  to A (uneven)',
    ...networks.map(
      (network) =>
        `${network.hidden.join('-').padEnd(16)} ${String(network.parameters).padStart(10)} ${network.test.rmse.toPrecision(3).padStart(10)} ${network.test.r.toFixed(3).padStart(6)} ${network.overfit.toFixed(2).padStart(8)} ${amplitude(network.crossing.random).padStart(13)} ${amplitude(network.crossing.smooth).padStart(14)}`,
    ),
    ...found.byLayers.map(
      ({ layers, networks: all, crossed, meanAmplitude }) =>
        `${layers} hidden layer${layers === 1 ? '' : 's'}: uneven activations borne to A = ${meanAmplitude === null ? '–' : meanAmplitude.toFixed(3)} on average (${crossed} of ${all} cross)`,
    ),
    `rank correlation of the amplitude borne with neurons ${found.sizeRankCorrelation?.toFixed(2) ?? '–'}, with overfit ${found.overfitRankCorrelation?.toFixed(2) ?? '–'}`,
    `lowest test error  ${example(found.lowestTestError)}`,
    `least overfit      ${example(found.leastOverfit)}`,
    ...found.retraining.map(
      ({ amplitude: a, nominalR, beforeR, afterR }) =>
        `A = ${a.toFixed(2)}: mean R ${nominalR.toFixed(3)} without, ${beforeR.toFixed(3)} with uneven activations, ${afterR.toFixed(3)} retrained`,
    ),
    `written   study.json, random.svg, smooth.svg, retrained.svg in ${out}`,
  ];
}
