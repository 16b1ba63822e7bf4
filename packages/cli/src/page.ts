export { EXAMPLES, SURROGATES, TEMPLATES, VERSION } from '#host';
export type { FlowEvent, LadderEvent, Refusal, TrainingEvent, WorkEvent } from './events.ts';
export { InterruptedError } from './interrupted.ts';
export { run } from './run.ts';
