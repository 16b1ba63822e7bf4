import { formatUnits } from '@neuroprint/core/words';
import {
  formatCount,
  formatPercent,
  formatPlural,
  formatRound,
  formatVolts,
  formatWatts,
} from '@neuroprint/report/format';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { DecisionsView, StepResult } from '../session/session.ts';
import { ofRung } from './compile-step.ts';
import { confusionPart } from './confusion.ts';
import { ladderPart } from './ladder.ts';
import { facts, verdict } from './parts.ts';
import './plots/histogram.ts';
import type { VerifyResult } from './results.ts';
import { type Asked, RunStepElement } from './run-step.ts';

/** Where a report of an earlier version says none. */
const TOLERANCE_VOLTS = 1e-5;

const COPIES: Asked = {
  name: 'monte-carlo',
  label: 'Printed copies',
  placeholder: 'none',
  note: 'Every one is simulated in ngspice too',
};
const GOOD_ACCURACY: Asked = {
  name: 'yield-accuracy',
  label: 'Good from this accuracy',
  placeholder: 'as promised',
  note: 'A share, such as 0.9; 5 points below the network unless given',
};
const GOOD_RMSE: Asked = {
  name: 'yield-rmse',
  label: 'Good up to this error',
  placeholder: 'as promised',
  note: 'In units of the number to predict; 1.5 times the network’s unless given',
};

/** Verifying: what ngspice says to the netlist, to its decisions, and to printed copies. */
@customElement('np-verify')
export class VerifyStep extends RunStepElement {
  protected readonly step = 'verify';
  protected readonly verb = 'Verify in ngspice';
  protected get options(): readonly Asked[] {
    return [COPIES, this.flow.table?.task === 'regression' ? GOOD_RMSE : GOOD_ACCURACY];
  }
  @state() private decisions: DecisionsView | undefined;
  #of: StepResult | undefined;

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const { outcome, status } = this.flow.steps.verify;
    if (outcome === this.#of) return;
    this.#of = outcome;
    this.decisions = undefined;
    const folder = this.flow.circuitFolder;
    if (status !== 'done' || folder === undefined) return;
    void this.flow.session.decisions(folder).then((decisions) => {
      if (this.#of === outcome) this.decisions = decisions;
    });
  }

  protected words(): string {
    const { work } = this.flow.steps.verify.progress;
    if (work === undefined) return 'Starting ngspice';
    const of = work.total > 1 ? `${formatCount(work.done)} of ${formatCount(work.total)}` : '';
    return [work.note || work.label, of, this.left].filter(Boolean).join(' · ');
  }

  protected result(): TemplateResult | typeof nothing {
    const report = this.flow.steps.verify.outcome?.result as VerifyResult | undefined;
    if (report === undefined) return nothing;
    const { monteCarlo, ladder, regression } = report;
    return html`
      ${headline(report)} ${facts(figures(report))}
      <div class="figures">
        ${this.decisions === undefined ? nothing : html`<figure><figcaption><strong>Decisions</strong> on the test rows</figcaption>${confusionPart(this.decisions, 'ngspice')}</figure>`}
        ${monteCarlo?.histogram === undefined ? nothing : copies({ ...monteCarlo, histogram: monteCarlo.histogram, limit: monteCarlo.yieldAccuracy, percent: true })}
        ${regression?.monteCarlo?.histogram === undefined ? nothing : copies({ ...regression.monteCarlo, histogram: regression.monteCarlo.histogram, limit: regression.monteCarlo.yieldRmse, percent: false })}
      </div>
      ${ladder === undefined ? nothing : html`<details><summary>The whole error ladder, down to ngspice</summary>${ladderPart(ladder.map(ofRung), regression !== undefined)}</details>`}
    `;
  }
}

/** `ngspice agrees with the prediction to 0.1 nV at 750 node voltages.` */
function agreement({ maxErrorVolts, toleranceVolts = TOLERANCE_VOLTS, cases, nodes }: VerifyResult): string {
  const voltages = formatPlural(cases * nodes, 'node voltage');
  return maxErrorVolts <= toleranceVolts
    ? `ngspice agrees with the prediction to ${formatVolts(maxErrorVolts)} at ${voltages}.`
    : `ngspice does not agree with the prediction: ${formatVolts(maxErrorVolts)} off at ${voltages}.`;
}

/** The same, behind what was not as promised. */
export function inShort(report: VerifyResult): string {
  return `${report.asPromised ? '' : 'Not as promised. '}${agreement(report)}`;
}

function headline(report: VerifyResult): TemplateResult {
  const {
    maxErrorVolts,
    toleranceVolts = TOLERANCE_VOLTS,
    cases,
    nodes,
    worst,
    simulator,
    promises,
    stability,
  } = report;
  const broken = promises?.lines.filter(({ kept }) => !kept) ?? [];
  const isStable = stability === undefined || stability.verdict === 'stable';
  const differences = report.netlistDifferences.length;
  return verdict({
    kind: report.asPromised && maxErrorVolts <= toleranceVolts ? 'good' : 'alarm',
    title: inShort(report),
    lines: [
      ...broken.map(({ message }) => `${message[0]!.toUpperCase()}${message.slice(1)}.`),
      ...(isStable ? [] : [`The circuit is ${stability.verdict}: ${stability.reason}.`]),
      ...(differences === 0
        ? []
        : [`The netlist is not what was compiled: ${formatPlural(differences, 'difference')}.`]),
      html`${formatPlural(cases, 'test row')} × ${formatPlural(nodes, 'node')}, worst at <code>${worst.node}</code> in row ${worst.case}. ${decisionsKept(report)}`,
    ],
    remarks: [
      `Simulated with ngspice ${simulator.version.replace(/^ngspice[- ]?/i, '')}, ${simulator.name === 'embedded' ? 'in this tab' : 'the installed program'}. A difference above ${formatRound(toleranceVolts, 'V')} would be a fault of the compiler.`,
    ],
  });
}

function decisionsKept({ decisionAgreement, cases }: VerifyResult): string {
  if (decisionAgreement === null) return '';
  return `${formatCount(decisionAgreement * cases)} of ${formatCount(cases)} decisions are those of the trained network.`;
}

function figures({ accuracy, regression, watts, monteCarlo, stability, layout, laidOut }: VerifyResult) {
  const copies = regression?.monteCarlo;
  return [
    ...(accuracy.ngspice === null
      ? []
      : [
          {
            name: 'Accuracy in ngspice',
            value: formatPercent(accuracy.ngspice),
            note: accuracy.network === null ? undefined : `the network has ${formatPercent(accuracy.network)}`,
          },
        ]),
    ...(regression?.ngspice == null
      ? []
      : [
          {
            name: 'Error in ngspice (RMSE)',
            value: formatUnits(regression.ngspice.rmse),
            note: regression.network === null ? undefined : `the network has ${formatUnits(regression.network.rmse)}`,
          },
        ]),
    ...(monteCarlo === undefined
      ? []
      : [
          {
            name: 'Printed copies',
            value: formatPercent(monteCarlo.meanAccuracy),
            note: `± ${formatPercent(monteCarlo.stdAccuracy)}, ${monteCarlo.law ?? ''}`,
          },
        ]),
    ...(copies === undefined
      ? []
      : [{ name: 'Printed copies (RMSE)', value: formatUnits(copies.mean), note: `± ${formatUnits(copies.std)}` }]),
    ...[monteCarlo ?? copies].flatMap((one) =>
      one === undefined
        ? []
        : [
            {
              name: 'Yield',
              value: formatPercent(one.yield),
              note: `95 % interval ${formatPercent(one.yieldInterval[0])} to ${formatPercent(one.yieldInterval[1])}`,
            },
          ],
    ),
    { name: 'Power', value: formatWatts(watts) },
    ...(stability === undefined ? [] : [{ name: 'Stability', value: stability.verdict, note: stability.reason }]),
    ...(layout === undefined
      ? []
      : [
          {
            name: 'Layout, read back',
            value: layout.matches ? 'is the netlist' : formatPlural(layout.differences.length, 'difference'),
            note:
              laidOut === undefined
                ? undefined
                : `its lines move a node by ${formatVolts(laidOut.largestShiftVolts)} at most`,
          },
        ]),
  ];
}

function copies(options: {
  readonly draws: number;
  readonly yield: number;
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly copies: number }[];
  readonly limit: number;
  readonly percent: boolean;
}): TemplateResult {
  const { draws, histogram, limit, percent } = options;
  const quantity = percent ? 'accuracy on the test rows' : 'root mean square error on the test rows';
  const shown = percent ? formatPercent(limit) : formatUnits(limit);
  return html`<figure>
    <figcaption><strong>${formatPlural(draws, 'printed copy', 'printed copies')}</strong>: ${formatPercent(options.yield)} are good</figcaption>
    <np-copies .histogram=${histogram} .limit=${limit} .percent=${percent} .quantity=${quantity}
      .label=${`Histogram of ${draws} printed copies by their ${quantity}; ${formatPercent(options.yield)} are good, ${percent ? 'from' : 'up to'} ${shown}.`}></np-copies>
  </figure>`;
}
