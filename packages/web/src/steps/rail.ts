import { formatUnits } from '@neuroprint/core/words';
import { formatPercent, formatVolts } from '@neuroprint/report/format';
import { html, nothing, type TemplateResult } from 'lit';
import { type Flow, type RunStep, STEPS } from './flow.ts';
import { shareDone } from './progress.ts';
import type { CompileResult, TrainResult, VerifyResult } from './results.ts';

export type Place = 'table' | 'technology' | RunStep | 'circuit' | 'out';

const NAMES: Readonly<Record<Place, string>> = {
  table: 'Table',
  technology: 'Technology',
  train: 'Train',
  compile: 'Compile',
  verify: 'Verify',
  circuit: 'Circuit',
  out: 'Take along',
};

interface Stop {
  readonly place: Place;
  readonly state: 'done' | 'running' | 'alarm' | 'waiting' | 'stale';
  readonly words: string | undefined;
}

/** Where one is, and what each step came to: links to the steps, which `show` brings into view. */
export function rail(flow: Flow, show: (place: Place) => void): TemplateResult {
  const stops = stopsOf(flow);
  return html`<nav class="rail" aria-label="Steps">
    <ol>${stops.map(({ place, state, words }, i) => {
      const isThere = place === 'table' || flow.table?.refusals.length === 0;
      const inner = html`<span class="mark" aria-hidden="true">${state === 'done' ? '✓' : state === 'alarm' ? '!' : i + 1}</span>
        <span class="name">${NAMES[place]}</span>
        ${words === undefined ? nothing : html`<span class="words">${words}</span>`}`;
      return html`<li class=${state} aria-current=${state === 'running' ? 'step' : nothing}>
        ${isThere ? html`<a class="stop" href="#${place}" @click=${goTo(place, show)}>${inner}</a>` : html`<span class="stop">${inner}</span>`}
      </li>`;
    })}</ol>
  </nav>`;
}

/** Follows a link to a step; the fragment of the address is the run's. */
export function goTo(place: Place, show: (place: Place) => void): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    show(place);
  };
}

function stopsOf(flow: Flow): Stop[] {
  const { table, choices } = flow;
  if (table === undefined) return [];
  const ofCircuit: Stop[] =
    flow.circuitFolder === undefined
      ? []
      : (['circuit', 'out'] as const).map((place) => ({ place, state: 'waiting', words: undefined }));
  if (flow.isOpened) return [stopOf(flow, 'verify'), ...ofCircuit];
  const isRefused = table.refusals.length > 0;
  return [
    { place: 'table', state: isRefused ? 'alarm' : 'done', words: isRefused ? 'cannot be read yet' : table.name },
    ...(isRefused ? [] : [{ place: 'technology', state: 'done', words: choices.technology } as const]),
    ...STEPS.map((step) => stopOf(flow, step)),
    ...ofCircuit,
  ];
}

function stopOf(flow: Flow, step: RunStep): Stop {
  const { status, outcome, progress } = flow.steps[step];
  const share = shareDone(progress);
  if (status === 'running')
    return { place: step, state: 'running', words: share === undefined ? 'runs' : `${Math.floor(100 * share)} %` };
  if (status === 'refused') return { place: step, state: 'alarm', words: 'refused' };
  if (status === 'cancelled') return { place: step, state: 'waiting', words: 'cancelled' };
  if (outcome?.result === undefined) return { place: step, state: 'waiting', words: undefined };
  const state = flow.isStale(step) ? 'stale' : outcome.exitCode === 0 ? 'done' : 'alarm';
  return { place: step, state, words: state === 'stale' ? 'of earlier choices' : IN_SHORT[step](outcome.result) };
}

const IN_SHORT: Readonly<Record<RunStep, (result: object) => string>> = {
  train: (result) => {
    const { accuracy, rmse } = result as TrainResult;
    return accuracy === undefined
      ? `RMSE ${rmse === undefined ? '' : formatUnits(rmse.test)}`
      : formatPercent(accuracy.test);
  },
  compile: (result) => {
    const { resistors, transistors } = (result as CompileResult).components;
    return `${resistors + transistors} parts`;
  },
  verify: (result) => `to ${formatVolts((result as VerifyResult).maxErrorVolts, 2)}`,
};
