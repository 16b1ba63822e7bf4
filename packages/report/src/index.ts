export * from './compile-data.ts';
export { renderCompileReport } from './compile-report.ts';
export * from './format.ts';
export type { Report } from './page.ts';
export type { Plot } from './plot.ts';
export type { NodeVoltages } from './plots/errors.ts';
export type { LadderStep } from './plots/ladder.ts';
export type { TransferCurves } from './plots/transfer.ts';
