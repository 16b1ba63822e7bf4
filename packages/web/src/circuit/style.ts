import { css } from 'lit';

/** What the parts of the circuit's page have in common; colours are the page's where it has them. */
export const common = css`
  :host {
    display: block;
    color: var(--ink, light-dark(#1b1f23, #e6e9ec));
    --rule: var(--line, light-dark(#c9d0d6, #3c444c));
    --frame: var(--edge, light-dark(#7b8691, #76828d));
    --quiet: var(--muted, light-dark(#57606a, #a3adb7));
    --lit: var(--accent, light-dark(#0b5cad, #7db8f5));
    --ground: var(--paper, light-dark(#ffffff, #171b1f));
    --wrong: var(--alarm, light-dark(#b3261e, #ff9a8f));
  }
  * {
    box-sizing: border-box;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
    background: var(--ground);
    border: 1px solid var(--frame);
    border-radius: 6px;
    padding: 0.25rem 0.6rem;
  }
  button {
    cursor: pointer;
    min-block-size: 2rem;
    min-inline-size: 2rem;
  }
  button:disabled {
    cursor: default;
    opacity: 0.55;
  }
  button[aria-pressed='true'] {
    border-color: var(--lit);
    box-shadow: inset 0 0 0 1px var(--lit);
  }
  input[type='range'] {
    accent-color: var(--lit);
    padding: 0;
    inline-size: 100%;
    border: none;
    background: none;
    min-block-size: 1.5rem;
    margin: 0;
  }
  :focus-visible {
    outline: 2px solid var(--lit);
    outline-offset: 2px;
  }
  h3,
  h4 {
    margin: 0 0 0.4rem;
    font-size: 1rem;
  }
  h4 {
    margin-block-start: 0.9rem;
    font-size: 0.9rem;
  }
  p {
    margin: 0.2rem 0;
  }
  .quiet {
    color: var(--quiet);
    font-size: 0.87rem;
  }
  .wrong {
    color: var(--wrong);
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    border-collapse: collapse;
    font-size: 0.87rem;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    text-align: start;
    padding: 0.15rem 0.7rem 0.15rem 0;
    white-space: nowrap;
    border-block-end: 1px solid var(--rule);
    font-weight: normal;
  }
  thead th {
    color: var(--quiet);
  }
  .number {
    text-align: end;
  }
`;
