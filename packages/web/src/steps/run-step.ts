import { formatSeconds } from '@neuroprint/core/words';
import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { Refusal } from '../session/session.ts';
import { argumentsOf, commandLine, optionOf, words } from './choices.ts';
import type { RunStep } from './flow.ts';
import { commandPart, optionField, progressPart, refusalPart } from './parts.ts';
import { shareDone } from './progress.ts';
import { StepElement } from './step.ts';

/** An option that is asked for on the page. */
export interface Asked {
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly note: string;
}

/** A step that runs a command: its options, its button, how far it is, and what it came to. */
export abstract class RunStepElement extends StepElement {
  protected abstract readonly step: RunStep;
  /** On the button. */
  protected abstract readonly verb: string;
  protected abstract readonly options: readonly Asked[];
  /** What is seen while it runs, and when it is done. */
  protected abstract result(): TemplateResult | typeof nothing;
  /** How far it is, in words. */
  protected abstract words(): string;
  @property({ attribute: false }) start: (step: RunStep) => void = () => {};

  protected override render() {
    const { flow, step } = this;
    const { table } = flow;
    if (table === undefined) return nothing;
    const { status, progress } = flow.steps[step];
    const isRunning = status === 'running';
    const problem = flow.problemOf(step);
    const typed = words(flow.choices.more[step]).flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
    const about = problem && optionOf(problem.message, [...this.options.map(({ name }) => name), ...typed]);
    const isOfMore = about !== undefined && !this.options.some(({ name }) => name === about);
    const isStale = flow.isStale(step);
    return html`
      <div class="options">${this.options.map((option) => this.#field(option, about === option.name ? problem : undefined))}</div>
      ${this.#more(isOfMore ? problem : undefined)}
      ${
        isRunning
          ? progressPart({
              label: this.verb,
              share: shareDone(progress),
              words: this.words(),
              cancel: () => void flow.cancel(),
            })
          : html`<p class="row">
              <button class="button ${status === 'done' && !isStale ? '' : 'primary'}" ?disabled=${!flow.canRun(step)} @click=${() => this.start(step)}>
                ${status === 'done' ? `${this.verb} again` : status === 'cancelled' ? 'Go on' : this.verb}
              </button>
              ${status === 'cancelled' ? html`<span class="muted">Cancelled. It goes on from where it was.</span>` : nothing}
              ${isStale ? html`<span class="stale">What is shown was made by earlier choices.</span>` : nothing}
            </p>`
      }
      ${problem === undefined || about !== undefined ? nothing : refusalPart(problem)}
      <div class="result ${isStale ? 'old' : ''}">${this.result()}</div>
      ${commandPart(commandLine(step, argumentsOf(step, flow.choices, table)))}
    `;
  }

  /** `about 12 s left`. */
  protected get left(): string {
    const { training, work } = this.flow.steps[this.step].progress;
    const seconds = (training ?? work)?.secondsLeft;
    return seconds === undefined ? '' : `about ${formatSeconds(seconds)} left`;
  }

  #field(option: Asked, problem: Refusal | undefined): TemplateResult {
    const { flow, step } = this;
    return optionField({
      ...option,
      value: flow.choices.options[step][option.name] ?? '',
      problem,
      disabled: flow.running !== undefined,
      change: (value) => void flow.setOption(step, option.name, value),
    });
  }

  #more(problem: Refusal | undefined): TemplateResult {
    const { flow, step } = this;
    const { more } = flow.choices;
    return html`<details class="more" ?open=${more[step] !== '' || problem !== undefined}>
      <summary>More options</summary>
      ${optionField({
        name: `more-${step}`,
        label: `Options of neuroprint ${step}, as on the command line`,
        value: more[step],
        placeholder: '--seed 7',
        note: 'Every option of the command works here too.',
        problem,
        disabled: flow.running !== undefined,
        change: (value) => void flow.choose({ more: { ...more, [step]: value } }),
      })}
    </details>`;
  }
}
