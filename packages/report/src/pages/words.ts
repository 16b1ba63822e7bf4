import { type Html, html } from './html.ts';
import type { Section } from './page.ts';

/** A word that pages and commands use in a sense of their own. `said` finds it, where that is more than the word itself. */
interface Word {
  readonly word: string;
  readonly meaning: string;
  readonly said?: RegExp;
}

/** In alphabetical order; docs/manual/glossary.md has the same sentences. */
export const WORDS = [
  {
    word: 'activation',
    meaning:
      'The stage behind every column of a crossbar: it makes a neuron’s output of the column’s voltage, by a curve that rises once and levels off.',
  },
  {
    word: 'as laid out',
    meaning:
      'The snapped circuit with the metal lines of its layout as resistors between the devices: what is printed, but for variation. Lines drop volts, most of all those of supplies.',
    said: /as laid out|with its lines/i,
  },
  {
    word: 'bare column',
    meaning:
      'The last column of a regression network without a stage behind it: its voltage is the output, which a line reads. A meter draws it down by what its inner resistance is beside the meter’s.',
  },
  {
    word: 'blame',
    meaning:
      'A component’s share of the decisions that variation is expected to flip. It ranks components; how many copies are good is counted by printing them by computer.',
  },
  {
    word: 'calibrated circuit',
    meaning:
      'The compiled circuit after all its component values were tuned together on the exact circuit, with everything that loads everything.',
    said: /calibrat/i,
  },
  {
    word: 'candidate',
    meaning: 'In a diagnosis: a fault, or several that the readings do not tell apart, with its probability.',
    said: /\bcandidates? of a diagnosis\b/i,
  },
  {
    word: 'copy',
    meaning:
      'One print of the circuit, made by computer: every component has a value of its own, drawn about the one that was designed. Also called a draw.',
    said: /\bcop(y|ies)\b|\bdraws?\b/i,
  },
  {
    word: 'crossbar',
    meaning:
      'The resistors of a layer: rows are its inputs, the bias and the pull-down, columns are its neurons. A conductance is a weight.',
  },
  {
    word: 'e-fold',
    meaning:
      'A factor of e, 2.718. A price for each e-fold of power counts the logarithm of the power: halving it is worth 0.69 of the price, whatever it was.',
  },
  {
    word: 'evidence',
    meaning:
      'How probable the measured volts are under a fault, whatever the components came out as within their variation.',
    said: /\bevidences? of a diagnosis\b/i,
  },
  {
    word: 'exact solver',
    meaning:
      'Solves the whole circuit, every device equation at every node, in this program. ngspice is the second solver that it is compared with.',
  },
  {
    word: 'falling stage',
    meaning:
      'The inverter that makes a negative weight: its output falls where its input rises, and feeds the resistors that should take away. Also called a negative-weight inverter, negweight.',
    said: /falling stage|negative.weight|negweight/i,
  },
  {
    word: 'fast model',
    meaning:
      'What training computes with: ideal crossbars, nothing loads anything, and every stage is a curve of four numbers that a surrogate predicts.',
  },
  {
    word: 'fault',
    meaning:
      'Something broken: a resistor open, short or far off, a transistor that is off or has two of its terminals shorted, two lines shorted, a bad contact. A hard fault is one that leaves nothing of the part.',
    said: /\bfaults?\b/i,
  },
  {
    word: 'fault rate',
    meaning: 'The probability that a part of a copy is broken, each part by itself.',
    said: /fault rate|broken parts/i,
  },
  {
    word: 'ideal circuit',
    meaning:
      'The trained values as a circuit in which nothing loads anything, with the exact curves of the stages in place of the four-parameter ones.',
  },
  {
    word: 'kept',
    meaning:
      'Of decisions: the share of rows that is decided as the trained network decides them. In a history: the step whose values were taken in the end.',
  },
  {
    word: 'layer',
    meaning: 'A crossbar with its stages. Layers, rows, columns and neurons count from 0, as in the netlist.',
  },
  {
    word: 'loaded circuit',
    meaning: 'The ideal circuit with the currents that stages and crossbars draw from each other.',
  },
  {
    word: 'margin',
    meaning:
      'Volts between the largest output and the second: what a reader of the circuit has to resolve. Two outputs closer than twice the voltage error are a tie.',
  },
  {
    word: 'naive circuit',
    meaning: 'The network compiled as it stands, in values that can be printed, before anything is calibrated.',
  },
  {
    word: 'nat',
    meaning:
      'The unit of losses and prices, of natural logarithms: a row costs −ln of the probability that its right class gets. A fair coin costs 0.69 nats, which is one bit.',
    said: /\bnats?\b/i,
  },
  {
    word: 'pruned circuit',
    meaning: 'The loaded circuit without conductances too small to be printed.',
  },
  {
    word: 'ptanh',
    meaning:
      'The rising curve of a printed activation, η₁ + η₂·tanh((v − η₃)·η₄), and the cell that has it. The four η are volts, volts, volts and one over volts.',
    said: /ptanh|η/i,
  },
  {
    word: 'pull-down',
    meaning:
      'A resistor from a column to ground: it adds nothing, and the others count less. The bias is the same from the supply, and adds its volts.',
  },
  {
    word: 'rms',
    meaning:
      'Root mean square: the root of the mean of the squares. Of errors of a prediction it is called RMSE, in units of the target.',
    said: /\brms\b|RMSE|root mean square/i,
  },
  {
    word: 'scaled circuit',
    meaning:
      'The pruned circuit with the resistors of every column multiplied by one number, so that all of them can be printed. A column’s voltage does not change by that.',
  },
  {
    word: 'snapped circuit',
    meaning:
      'The circuit with every value rounded to one that can be printed. All are rounded together, each making up for the errors of those before.',
    said: /snapped/i,
  },
  {
    word: 'surrogate',
    meaning:
      'A small neural network that predicts the curve of a stage from its component values, trained on simulations. It holds inside the ranges that it has seen, its trust region.',
    said: /surrogate|trust region/i,
  },
  {
    word: 'technology',
    meaning:
      'A printing process as a file: devices, cells, ranges of values, supplies, with the source of every number.',
  },
  {
    word: 'test pattern',
    meaning:
      'Input volts that show whether something on a printed sheet is broken: with them go the limits between which the readings of a good sheet lie, and the faults that are found by them.',
    said: /\btest patterns?\b|\bpatterns?\b/i,
  },
  {
    word: 'variation',
    meaning:
      'How printed components differ from what was designed. Uniform 10 % is: each value is multiplied by a number of its own between 0.9 and 1.1.',
    said: /variation|\bvaried\b/i,
  },
  {
    word: 'yield',
    meaning:
      'The share of copies that are good: that reach an accuracy, or stay below an error. By default a copy is good within 5 points of the network’s accuracy, or 1.5 times its error.',
  },
] as const satisfies readonly Word[];

type Known = (typeof WORDS)[number]['word'];

/** A word as a link to what it means, at the end of the page. */
export function word(name: Known, shown: string = name): Html {
  return html`<a class="word" href="#word-${anchorOf(name)}">${shown}</a>`;
}

/** The same of the steps of a ladder, some of which need no explanation. */
export function stepWord(step: string): Html | string {
  const known = WORDS.find(({ word: name }) => name === step);
  return known === undefined ? step : word(known.word);
}

/** What the words mean that a page uses; nothing where it uses none. `markup` is the page. */
export function wordsSection(markup: string): Section | undefined {
  const text = markup.replace(/<style[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>|<[^>]*>/g, ' ');
  const used = (WORDS as readonly Word[]).filter(({ word: name, said }) =>
    (said ?? new RegExp(`\\b${name}s?\\b`, 'i')).test(text),
  );
  if (used.length === 0) return undefined;
  return {
    id: 'words',
    title: 'Words',
    body: html`<dl class="words">${used.map(({ word: name, meaning }) => html`<dt id="word-${anchorOf(name)}">${name}</dt><dd>${meaning}</dd>\n`)}</dl>`,
  };
}

function anchorOf(name: string): string {
  return name.replace(/ /g, '-');
}
