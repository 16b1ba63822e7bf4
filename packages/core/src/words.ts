/** Numbers in words and back, for a page that loads nothing else of this package. */
export { formatEngineering, NO_BREAK_SPACE, parseEngineering, withMinus } from './engineering.ts';
export { formatPercent, formatSeconds, formatUnits } from './in-words.ts';
