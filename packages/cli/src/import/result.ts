import { basename } from 'node:path';
import {
  type ErrorSpread,
  formatPercent,
  formatUnits,
  type Labels,
  type ModelOrigin,
  sha256OfFile,
  type TrainedNetwork,
  TrainedNetworkKind,
  type UnderVariation,
  writeArtifact,
} from '@neuroprint/core';
import { type Outcome, outcome } from '../command.ts';
import type { compareOnTable, MappingCheck } from './agreement.ts';
import type { Model } from './model.ts';

type Content = Omit<TrainedNetwork, 'kind' | 'version' | 'checksum'>;
export type Scores = ReturnType<typeof compareOnTable>;
/** What was asked for, as far as results need it. */
export interface ImportTarget {
  readonly onnx: string;
  readonly out: string;
  readonly distil: boolean;
  readonly minimumAgreement: number;
}

export function nameOf({ onnx }: Pick<ImportTarget, 'onnx'>): string {
  return basename(onnx).replace(/\.onnx$/i, '');
}

/** Where a network is from, and what the model says of the table, for its file. */
export function originOf(
  { onnx, distil }: ImportTarget,
  { data }: Model,
  answers: Labels | undefined,
  agreement: number | undefined,
  under?: UnderVariation | ErrorSpread,
): ModelOrigin {
  const { relativeSpread, law, draws, mean, std, p5 } = under ?? ({} as Partial<UnderVariation>);
  return {
    file: basename(onnx),
    made: distil ? 'distilled' : 'mapped',
    ...(agreement === undefined ? {} : { agreement }),
    ...(under && {
      underVariation: {
        relativeSpread: relativeSpread!,
        ...(law && { law }),
        draws: draws!,
        mean: mean!,
        std: std!,
        p5: p5!,
      },
    }),
    ...(data !== undefined && answers !== undefined
      ? {
          table: {
            name: data.name,
            sha256: data.sha256,
            ...(answers instanceof Int32Array ? { decisions: [...answers] } : { predictions: [...answers] }),
          },
        }
      : {}),
  };
}

/** Writes the network with the hashes of what it was made from. */
export function writeNetwork(target: ImportTarget, { data }: Model, content: Content): void {
  writeArtifact(target.out, TrainedNetworkKind, {
    ...content,
    inputHashes: {
      ...content.inputHashes,
      [basename(target.onnx)]: sha256OfFile(target.onnx),
      ...(data === undefined ? {} : { [basename(data.file)]: data.sha256 }),
    },
  });
}

export function scoresInWords({ target }: Model, { model, network, agreement }: Scores): string {
  return target === undefined
    ? `accuracy   model ${formatPercent(model)}, network ${formatPercent(network)}, alike ${formatPercent(agreement)} of the test rows`
    : `RMSE       model ${formatUnits(model)}, network ${formatUnits(network)}, between them ${formatUnits(agreement)} on the test rows`;
}

/** The result with what must be said of it; exit code 3 where the network decides otherwise than the model too often. */
export function judged(
  target: ImportTarget,
  model: Model,
  agreement: number | undefined,
  checked: MappingCheck | undefined,
  said: { readonly result: object; readonly lines: readonly string[]; readonly last: string },
): Outcome {
  const { minimumAgreement: least, out, distil } = target;
  const isClassifier = model.target === undefined;
  const isBad = isClassifier && agreement !== undefined && agreement < least;
  const check =
    checked !== undefined
      ? [`checked    in onnxruntime: the same in ${formatPercent(checked.agreement)} of ${checked.rows} rows`]
      : distil
        ? []
        : [`checked    not against the model itself: onnxruntime-node ${model.unasked}`];
  const headline = isBad
    ? [
        `NOT AS THE MODEL: ${formatPercent(agreement)} of the test rows are decided alike, and ${formatPercent(least)} are asked for.`,
      ]
    : [];
  const help = distil
    ? 'Add neurons with --hidden, rows with --rows, or --restarts and --epochs.'
    : 'It is a start only: add --distil to train it to decide as the model does.';
  return outcome(
    {
      name: nameOf(target),
      made: distil ? 'distilled' : 'mapped',
      classes: model.classes,
      ...said.result,
      agreement: agreement ?? null,
      onnxruntime: checked ?? null,
      remarks: model.remarks,
      out,
    },
    [...headline, ...said.lines, ...check, ...model.remarks.map((remark) => `note       ${remark}`), said.last],
    isBad ? 3 : 0,
    isBad ? [help] : [],
  );
}
