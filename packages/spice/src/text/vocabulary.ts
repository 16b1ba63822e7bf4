import { refuse, type Statement } from './lex.ts';

/** What says nothing about the circuit at rest: analyses, what they print, and a tool's notes to itself. */
const LEFT_OUT = new Set(
  '.ac .backanno .dc .four .meas .measure .noise .op .plot .print .probe .save .tf .title .tran .width'.split(' '),
);

/** Options that change how a simulator works, and not what the circuit is; others (`rshunt`, `scale`) do that. */
const HARMLESS_OPTIONS = new Set(
  [
    'abstol acct autostop chgtol filetype gmin gminsteps interp itl1 itl2 itl3 itl4 itl5 itl6 keepopinfo list maxord method',
    'noacct node noinit nomod nopage noprint notrnoise numdgt opts pivrel pivtol plotwinsize post reltol savecurrents seed',
    'srcsteps trtol vntol warn width ingold baudrate',
  ].flatMap((line) => line.split(' ')),
);

/** Words behind `=` that a resistor may have. */
export const RESISTOR_WORDS: ReadonlySet<string> = new Set('r resistance m tc tc1 tc2 temp dtemp l w'.split(' '));
/** Those that say nothing of its resistance at rest. */
export const RESISTOR_WORDS_LEFT_OUT: ReadonlySet<string> = new Set('ac noisy pwr tol'.split(' '));

const DEVICES: Readonly<Record<string, string>> = {
  a: 'a code model',
  b: 'a source by an expression',
  d: 'a diode',
  e: 'a voltage source that is controlled',
  f: 'a current source that is controlled',
  g: 'a current source that is controlled',
  h: 'a voltage source that is controlled',
  i: 'a current source',
  j: 'a junction field-effect transistor',
  k: 'a coupling of inductors',
  l: 'an inductor',
  m: 'a MOS transistor',
  n: 'a compiled model',
  o: 'a transmission line',
  p: 'a transmission line',
  q: 'a bipolar transistor',
  s: 'a switch',
  t: 'a transmission line',
  u: 'a transmission line',
  w: 'a switch',
  z: 'a MES transistor',
};

/** What a device is that neuroprint does not read, by its name and the type of its `.model`. */
export function deviceInWords(name: string, type: string | undefined): string {
  const word = DEVICES[name[0]!] ?? 'such a device';
  if (type === 'pmos' || type === 'pnp' || type === 'pjf') return word.replace(/^a /, 'a p-type ');
  return word;
}

/**
 * Whether a line that begins with a dot may be left out, and why: it says nothing at rest, it sets a temperature, or it is the title.
 * Undefined where it may not. Throws NetlistError for an option that could change the circuit.
 */
export function leavesOut(statement: Statement): 'at rest' | 'temperature' | 'title' | undefined {
  const [first, ...words] = statement.words;
  if (first === '.title') return 'title';
  if (first === '.temp') return 'temperature';
  if (LEFT_OUT.has(first!)) return 'at rest';
  if (!['.option', '.options', '.opt'].includes(first!)) return undefined;
  const names = words.map((word) => word.replace(/=.*/, ''));
  const strange = names.find((name) => !HARMLESS_OPTIONS.has(name) && name !== 'temp' && name !== 'tnom');
  if (strange !== undefined)
    refuse(statement, `the option ${strange} is not known to leave the circuit as it is`, 'Leave it out.');
  return names.some((name) => name === 'temp' || name === 'tnom') ? 'temperature' : 'at rest';
}
