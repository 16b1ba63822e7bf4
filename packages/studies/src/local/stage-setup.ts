import { join } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { type Eta, UsageError, yinYang } from '@neuroprint/core';
import { readSurrogate, SurrogateModel } from '@neuroprint/surrogate';
import { ACTIVATION_CELL, FALLING_CELL } from '@neuroprint/training';
import type { StageDesign } from './stages-circuit.ts';

/** Tasks, rails and nudges are those of the published study, in volts. */
const STUDY_VOLTS = 1;
const ROWS = { train: 600, test: 400 };
export const HIDDEN = 20;
export const STAGE_EPOCHS = 200;
export const STAGE_NUDGE = 0.1;
export const CLASSES = ['yin', 'yang', 'dot'];
/** 100 kΩ loads and W/L = 2: steeper than the typical design, which is too flat to tell the dots. By the first letter of a parameter. */
const SIZES: Readonly<Record<string, number>> = { R: 100e3, W: 108e-6, L: 54e-6 };

export interface StagesContext {
  readonly technology: string;
  readonly surrogates: string;
  readonly templates: string;
  readonly seeds: number;
}

/** The stages of a study: their component values, the curves that the surrogates promise for them, and what a crossbar may be. */
export function stageSetup({ technology: name, surrogates, templates }: StagesContext): {
  readonly technology: Technology;
  readonly design: StageDesign;
  readonly curves: { readonly activation: Eta; readonly falling: Eta };
  readonly siemens: readonly [number, number];
} {
  const technology = loadTechnology(templates, name);
  if (technology.bias.volts !== STUDY_VOLTS)
    throw new UsageError(
      `The study of local learning drives its nodes between 0 and ${STUDY_VOLTS} V, and the bias of ${name} is ${technology.bias.volts} V.`,
      'Take a technology with a bias of 1 V, such as egt.',
    );
  const cellOf = (cell: string) => {
    const model = SurrogateModel.of(readSurrogate(join(surrogates, name, cell), { technology: name, cell }));
    const values = model.parameterNames.map((parameter) => [parameter, SIZES[parameter[0]!]!] as const);
    const eta = [
      ...model.predict(
        Float64Array.from(values, ([, value]) => value),
        1,
      ),
    ] as unknown as Eta;
    return { values: Object.fromEntries(values), eta };
  };
  const [activation, falling] = [cellOf(ACTIVATION_CELL), cellOf(FALLING_CELL)];
  return {
    technology,
    design: { activation: activation.values, falling: falling.values },
    curves: { activation: activation.eta, falling: falling.eta },
    siemens: [1 / technology.crossbar.maxOhms, 1 / technology.crossbar.minOhms],
  };
}

/** Yin-Yang, drawn by the seed. */
export function yinYangRows(seed: number) {
  const { rows, labels } = yinYang({ rows: ROWS.train + ROWS.test, seed });
  const part = (from: number, to: number) => ({
    volts: Float64Array.from(rows.slice(from, to).flat()),
    labels: Int32Array.from(labels.slice(from, to), (label) => CLASSES.indexOf(label)),
  });
  return { train: part(0, ROWS.train), test: part(ROWS.train, ROWS.train + ROWS.test) };
}
