import { select } from 'd3-selection';
import { type D3ZoomEvent, zoom, zoomIdentity, zoomTransform } from 'd3-zoom';
import { css, html, LitElement, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { type Direction, nearest, type Spot } from './nearest.ts';
import { common } from './style.ts';

const MOST = 60;
const STEP = 1.5;
/** Share of the view by which a key moves it. */
const PAN = 0.15;
/** Pixels that a unit of the schematic has at least where somebody looks at a device. */
const READABLE = 1;
/** Pixels for a unit of the schematic below which its letters are dots. */
const LEGIBLE = 0.3;
/** How far a layout is zoomed in to show a device. */
const LAYOUT_ZOOM = 8;
const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/**
 * A drawing that one can zoom, move and point at: `svg` is its text, whose parts have `data-device`. Tells `device-selected` with the name
 * of a device of the circuit.
 */
@customElement('circuit-drawing')
export class CircuitDrawing extends LitElement {
  @property() svg = '';
  /** What it is: `Schematic`. */
  @property() label = '';
  @property() selected: string | undefined;
  @query('.view') private readonly view!: HTMLElement;
  #root: SVGSVGElement | undefined;
  #paper: SVGGElement | undefined;
  #spots: readonly Spot[] = [];
  /** With all in view. */
  #pixelsPerUnit = 1;
  readonly #zoom = zoom<SVGSVGElement, unknown>()
    .scaleExtent([1, MOST])
    .filter((event: Event) => this.#isForUs(event))
    .on('zoom', ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => {
      this.#paper?.setAttribute('transform', transform.toString());
      // with all in view, a finger moves the page
      this.view.classList.toggle('near', transform.k > 1);
      // letters that nobody can read are most of the work of painting a large drawing
      this.view.classList.toggle('far', transform.k * this.#pixelsPerUnit < LEGIBLE);
    });

  static override readonly styles = [
    common,
    css`
      .view {
        position: relative;
        inline-size: 100%;
        min-block-size: 15rem;
        max-block-size: var(--drawing-size, clamp(17rem, 62vh, 46rem));
        border: 1px solid var(--frame);
        border-radius: 0.4rem;
        background: #fff;
        overflow: hidden;
        contain: layout paint style;
        touch-action: pan-y;
        cursor: grab;
      }
      .view.near {
        touch-action: none;
      }
      .view svg {
        display: block;
        inline-size: 100%;
        block-size: 100%;
        user-select: none;
      }
      .view text {
        pointer-events: none;
      }
      .schematic.far text {
        display: none;
      }
      [data-device] {
        cursor: pointer;
      }
      [data-device]:hover {
        stroke: #0b5cad;
        stroke-width: 2.5;
      }
      .layout [data-device]:hover {
        stroke-width: 20;
      }
      [data-device].selected {
        stroke: #0b5cad;
        stroke-width: 3.5;
      }
      .layout [data-device].selected {
        stroke-width: 45;
        stroke-opacity: 1;
      }
      .tools {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
        align-items: center;
        margin-block-end: 0.4rem;
      }
    `,
  ];

  override render() {
    const kind = this.label === 'Layout' ? 'view layout' : 'view schematic';
    const how = `${this.label}. Arrow keys go from device to device, plus and minus zoom, 0 shows all of it, Shift with an arrow moves it.`;
    return html`
      <div class="tools">
        <button type="button" @click=${() => this.#scale(STEP)} aria-label="Zoom in" title="Zoom in (+)">+</button>
        <button type="button" @click=${() => this.#scale(1 / STEP)} aria-label="Zoom out" title="Zoom out (−)">−</button>
        <button type="button" @click=${() => this.#fit()} title="Show all of it (0)">Show all</button>
        <slot></slot>
      </div>
      <div class=${kind} tabindex="0" role="application" aria-label=${how} @keydown=${this.#onKey} @click=${this.#onClick}></div>
      <p class="quiet">Drag to move, pinch or Ctrl + wheel to zoom (the wheel alone, once the drawing is clicked), click a part.</p>
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('svg')) this.#draw();
    if (changed.has('svg') || changed.has('selected')) this.#mark();
    if (changed.has('selected')) this.#reveal();
  }

  /** Parses the drawing, as text of another kind than this page, and puts it where it can be moved; the view stays where it was. */
  #draw(): void {
    const before = this.#root === undefined ? zoomIdentity : zoomTransform(this.#root);
    const size = this.#root?.getAttribute('viewBox');
    this.view.replaceChildren();
    this.#root = undefined;
    if (this.svg === '') return;
    const parsed = new DOMParser().parseFromString(this.svg, 'image/svg+xml').documentElement;
    const root = document.importNode(parsed, true) as unknown as SVGSVGElement;
    const paper = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    paper.append(...root.childNodes);
    root.append(paper);
    root.removeAttribute('width');
    root.removeAttribute('height');
    [this.#root, this.#paper] = [root, paper];
    const { x, y, width, height } = root.viewBox.baseVal;
    this.view.style.aspectRatio = `${width} / ${height}`;
    this.#zoom.translateExtent([
      [x, y],
      [x + width, y + height],
    ]);
    const { clientWidth, clientHeight } = this.view;
    this.#pixelsPerUnit = Math.min(clientWidth / width, clientHeight / height);
    const selection = select(root).call(this.#zoom).on('dblclick.zoom', null);
    this.#zoom.transform(selection, root.getAttribute('viewBox') === size ? before : zoomIdentity);
    this.#spots = [...paper.querySelectorAll('[data-device]')].map((shape) => {
      const [sx, sy] = middleOf(shape);
      return { device: deviceOf(shape), x: sx, y: sy };
    });
    // last, so that the browser lays out only what will be seen
    this.view.append(root);
  }

  #mark(): void {
    for (const shape of this.#paper?.querySelectorAll('[data-device]') ?? [])
      shape.classList.toggle('selected', deviceOf(shape) === this.selected);
  }

  /** Brings the selected device into view, large enough to be read where it comes from elsewhere. */
  #reveal(): void {
    const [root, spot] = [this.#root, this.#spots.find(({ device }) => device === this.selected)];
    if (root === undefined || spot === undefined) return;
    const { x, y, width, height } = root.viewBox.baseVal;
    const [px, py] = zoomTransform(root).apply([spot.x, spot.y]);
    const inside = px > x && px < x + width && py > y && py < y + height;
    if (inside) return;
    this.#zoom.translateTo(select(root), spot.x, spot.y);
  }

  /** Shows a device from near, for whoever found it by its name. */
  show(device: string): void {
    const [root, spot] = [this.#root, this.#spots.find((one) => one.device === device)];
    if (root === undefined || spot === undefined) return;
    const wanted = this.label === 'Layout' ? LAYOUT_ZOOM : READABLE / this.#pixelsPerUnit;
    const selection = select(root);
    if (zoomTransform(root).k < wanted) this.#zoom.scaleTo(selection, wanted);
    this.#zoom.translateTo(selection, spot.x, spot.y);
  }

  #isForUs(event: Event): boolean {
    if (event instanceof WheelEvent)
      return event.ctrlKey || event.metaKey || this.renderRoot.querySelector(':focus') === this.view;
    if ('touches' in event && (event as TouchEvent).touches.length === 1) return this.view.classList.contains('near');
    return !(event instanceof MouseEvent) || (event.button === 0 && !event.ctrlKey);
  }

  #scale(by: number): void {
    if (this.#root !== undefined) this.#zoom.scaleBy(select(this.#root), by);
  }

  #fit(): void {
    if (this.#root !== undefined) this.#zoom.transform(select(this.#root), zoomIdentity);
  }

  #onClick(event: MouseEvent): void {
    this.view.focus({ preventScroll: true });
    const shape = (event.target as Element).closest('[data-device]');
    if (shape !== null) this.#choose(deviceOf(shape));
  }

  #onKey(event: KeyboardEvent): void {
    const root = this.#root;
    const direction = ARROWS[event.key];
    if (root === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (direction !== undefined) {
      if (event.shiftKey) this.#move(root, direction);
      else this.#step(direction);
    } else if (event.key === '+' || event.key === '=') this.#scale(STEP);
    else if (event.key === '-') this.#scale(1 / STEP);
    else if (event.key === '0') this.#fit();
    else return;
    event.preventDefault();
  }

  #move(root: SVGSVGElement, direction: Direction): void {
    const { width, height } = root.viewBox.baseVal;
    const by = PAN / zoomTransform(root).k;
    const [x, y] = { left: [1, 0], right: [-1, 0], up: [0, 1], down: [0, -1] }[direction] as [number, number];
    this.#zoom.translateBy(select(root), x * by * width, y * by * height);
  }

  #step(direction: Direction): void {
    const from = this.#spots.find(({ device }) => device === this.selected);
    const next = from === undefined ? this.#spots[0] : nearest(this.#spots, from, direction);
    if (next !== undefined) this.#choose(next.device);
  }

  #choose(device: string): void {
    this.dispatchEvent(new CustomEvent('device-selected', { detail: device, bubbles: true, composed: true }));
  }
}

/** The device of the circuit that a shape belongs to: of `act_l0_c1.load1` the stage. */
function deviceOf(shape: Element): string {
  return shape.getAttribute('data-device')!.split('.')[0]!;
}

/** Where a rectangle, a triangle or a box lies, by its numbers: asking the browser would lay out the whole drawing. */
function middleOf(shape: Element): readonly [x: number, y: number] {
  const number = (name: string): number => Number(shape.getAttribute(name));
  if (shape.localName === 'rect') return [number('x') + number('width') / 2, number('y') + number('height') / 2];
  const d = shape.getAttribute('d') ?? '';
  const numbers = (d.match(/-?[\d.]+/g) ?? []).map(Number);
  const [x = 0, y = 0, width = 0, height = 0] = numbers;
  if (d.includes('h')) return [x + width / 2, y + height / 2];
  const mean = (from: number): number => {
    const all = numbers.filter((_, i) => i % 2 === from);
    return all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);
  };
  return [mean(0), mean(1)];
}
