import type { Rung } from '@neuroprint/core';
import { formatArea, formatPlural, formatWatts } from '@neuroprint/report/format';
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { LadderEvent } from '../session/session.ts';
import { COMPILE_RUNGS, type DrawnRung, ladderPart } from './ladder.ts';
import { facts, verdict } from './parts.ts';
import type { CompileResult } from './results.ts';
import { type Asked, RunStepElement } from './run-step.ts';

/** Compiling: the error ladder fills rung by rung, then what the circuit is made of. */
@customElement('np-compile')
export class CompileStep extends RunStepElement {
  protected readonly step = 'compile';
  protected readonly verb = 'Compile';
  protected readonly options: readonly Asked[] = [
    {
      name: 'steps',
      label: 'Calibration steps',
      placeholder: '600',
      note: 'On the exact circuit; more may win a little',
    },
    {
      name: 'e-series',
      label: 'Preferred numbers',
      placeholder: 'none',
      note: 'Resistances of a series, such as E24, in place of the printer’s grid',
    },
  ];

  protected words(): string {
    const { work } = this.flow.steps.compile.progress;
    if (work === undefined) return 'Lowering the network to a circuit';
    const of = work.total > 1 ? `${work.done} of ${work.total}` : '';
    return [work.note || work.label, of, this.left].filter(Boolean).join(' · ');
  }

  protected result(): TemplateResult | typeof nothing {
    const { progress, outcome, status } = this.flow.steps.compile;
    const result = outcome?.result as CompileResult | undefined;
    const isRegression = this.flow.table?.task === 'regression';
    if (result === undefined && status !== 'running') return nothing;
    const rungs = result === undefined ? runningRungs(progress.rungs) : result.ladder.map(ofRung);
    return html`
      ${result === undefined ? nothing : compiled(result)}
      <h3>From network to circuit</h3>
      <p class="key small muted" aria-hidden="true"><span class="nominal">the circuit as it is meant</span><span class="copies">printed copies, mean ± std</span></p>
      ${ladderPart(rungs, isRegression)}
    `;
  }
}

/** Those that are measured, in the order in which they came, and those that are still to come. */
function runningRungs(events: readonly LadderEvent[]): DrawnRung[] {
  const there = events.map(
    ({ step, accuracy, rmse, rmsVoltsFromNetwork, underVariation }): DrawnRung => ({
      step,
      score: accuracy ?? rmse,
      copies: underVariation === undefined ? undefined : { mean: underVariation, std: 0 },
      rmsVolts: rmsVoltsFromNetwork,
      pending: false,
    }),
  );
  const others = COMPILE_RUNGS.filter((step) => !events.some((event) => event.step === step));
  return [
    ...there,
    ...others.map(
      (step): DrawnRung => ({ step, score: undefined, copies: undefined, rmsVolts: undefined, pending: true }),
    ),
  ];
}

/** A rung of a manifest or report as it is drawn. */
export function ofRung({ step, accuracy, underVariation, regression, rmsVoltsFromNetwork }: Rung): DrawnRung {
  return {
    step,
    score: regression?.rmse ?? accuracy ?? undefined,
    copies: regression === undefined ? (underVariation ?? undefined) : (regression.underVariation ?? undefined),
    rmsVolts: rmsVoltsFromNetwork,
    pending: false,
  };
}

function compiled(result: CompileResult): TemplateResult {
  const { components, watts, printedSquareMetres, layout, promises, asPromised } = result;
  const broken = promises?.lines.filter(({ kept }) => !kept) ?? [];
  const parts = [
    formatPlural(components.resistors, 'resistor'),
    formatPlural(components.transistors, 'transistor'),
    ...(components.opamps > 0 ? [formatPlural(components.opamps, 'op-amp')] : []),
  ];
  return html`
    ${
      asPromised
        ? nothing
        : verdict({
            kind: 'alarm',
            title: 'Not as promised.',
            lines: broken.map(({ message }) => `${message[0]!.toUpperCase()}${message.slice(1)}.`),
            remarks: [
              'The circuit is written, and is not what the network promised: train one that is easier to print, with more hidden neurons or a larger variation.',
            ],
          })
    }
    ${facts([
      { name: 'Made of', value: parts.join(', ') },
      { name: 'Power', value: formatWatts(watts) },
      {
        name: 'Ink',
        value: formatArea(printedSquareMetres.transistors + printedSquareMetres.resistors),
        note: 'resistors and transistor channels',
      },
      ...(layout === undefined
        ? []
        : [
            {
              name: 'Layout',
              value: `${(1e3 * layout.widthMetres).toFixed(2)} × ${(1e3 * layout.heightMetres).toFixed(2)} mm`,
              note: `${layout.violations === 0 ? `rules ${layout.rules} kept` : formatPlural(layout.violations, 'violation')}${layout.extracted?.matches === true ? '; read back, it is the netlist' : ''}`,
            },
          ]),
    ])}
  `;
}
