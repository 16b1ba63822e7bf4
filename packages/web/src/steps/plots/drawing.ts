import { LitElement } from 'lit';
import { state } from 'lit/decorators.js';

/** A picture in the page's own style that knows how wide it is, in pixels. */
export abstract class Drawing extends LitElement {
  @state() protected width = 0;
  readonly #observer = new ResizeObserver((entries) => {
    this.width = Math.floor(entries.at(-1)!.contentRect.width);
  });

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }
}
