import { html, nothing, type TemplateResult } from 'lit';
import type { Refusal } from '../session/session.ts';

/** What may stand between tags. */
export type Part = TemplateResult | string | number | typeof nothing | readonly Part[];

/** A way out of a refusal, as a button beside it. */
export interface Remedy {
  readonly label: string;
  readonly take: () => void;
}

/** What is wrong and what to do, as the command line says it, with ways out. */
export function refusalPart(refusal: Refusal, remedies: readonly Remedy[] = [], id?: string): TemplateResult {
  const { message, hint } = refusal;
  return html`<div class="refusal" id=${id ?? nothing}>
    <p><span class="flag" aria-hidden="true">!</span><span>${message}</span></p>
    ${hint === undefined ? nothing : html`<p class="hint">${hint}</p>`}
    ${
      remedies.length === 0
        ? nothing
        : html`<p class="row">${remedies.map(({ label, take }) => html`<button class="button small" @click=${take}>${label}</button>`)}</p>`
    }
  </div>`;
}

/** The same on the command line, behind a line that opens it. */
export function commandPart(line: string): TemplateResult {
  const copy = async ({ currentTarget }: Event) => {
    const button = currentTarget as HTMLButtonElement;
    await navigator.clipboard.writeText(line);
    button.textContent = 'Copied';
  };
  return html`<details class="command">
    <summary>The same on the command line</summary>
    <div><code tabindex="0">${line}</code><button class="button small" @click=${copy}>Copy</button></div>
  </details>`;
}

export interface Fact {
  readonly name: string;
  readonly value: Part;
  readonly note?: Part | undefined;
}

/** Names and values in a grid. */
export function facts(items: readonly Fact[]): TemplateResult {
  return html`<dl class="facts">${items.map(
    ({ name, value, note }) =>
      html`<div><dt>${name}</dt><dd>${value}${note === undefined ? nothing : html`<small>${note}</small>`}</dd></div>`,
  )}</dl>`;
}

/** The outcome of a step in one look. */
export function verdict(options: {
  readonly kind: 'good' | 'alarm' | 'open';
  readonly title: string;
  readonly lines: readonly Part[];
  readonly remarks?: readonly string[];
}): TemplateResult {
  const { kind, title, lines, remarks = [] } = options;
  const sign = { good: '✓', alarm: '!', open: '?' }[kind];
  return html`<div class="verdict ${kind}">
    <span class="sign" aria-hidden="true">${sign}</span>
    <p class="title"><strong>${title}</strong></p>
    ${lines.map((line) => html`<p>${line}</p>`)}
    ${remarks.map((remark) => html`<p class="small muted">${remark}</p>`)}
  </div>`;
}

/** How far a step is: a bar, words beside it, and the button that ends it. */
export function progressPart(options: {
  readonly label: string;
  readonly share: number | undefined;
  readonly words: string;
  readonly cancel: () => void;
}): TemplateResult {
  const { label, share, words, cancel } = options;
  return html`<div class="progress">
    <progress aria-label=${label} .value=${share ?? 0} max="1" ?data-unknown=${share === undefined}></progress>
    <p class="small muted">${words}</p>
    <button class="button small" @click=${cancel}>Cancel</button>
  </div>`;
}

/** A number that is to be typed, with what the command line says of it. */
export function optionField(options: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly note: string;
  readonly problem?: Refusal | undefined;
  readonly disabled: boolean;
  readonly change: (value: string) => void;
}): TemplateResult {
  const { name, label, value, placeholder, note, problem, disabled, change } = options;
  const described = problem === undefined ? `${name}-note` : `${name}-note ${name}-problem`;
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <input
      id=${name}
      .value=${value}
      placeholder=${placeholder}
      autocomplete="off"
      spellcheck="false"
      aria-describedby=${described}
      aria-invalid=${problem === undefined ? nothing : 'true'}
      ?disabled=${disabled}
      @change=${({ target }: Event) => change((target as HTMLInputElement).value)}
    />
    <small id="${name}-note">${note}</small>
    ${problem === undefined ? nothing : refusalPart(problem, [], `${name}-problem`)}
  </div>`;
}
