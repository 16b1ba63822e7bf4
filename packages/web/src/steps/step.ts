import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import type { Flow } from './flow.ts';

/** One step of the page, in the page's own style. */
export abstract class StepElement extends LitElement {
  @property({ attribute: false }) flow!: Flow;
  /** Counts the changes of the flow: another number, and the step is drawn anew. */
  @property({ attribute: false }) version = 0;

  protected override createRenderRoot(): this {
    return this;
  }
}
