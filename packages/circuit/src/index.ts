export * from './cell.ts';
export * from './constraint.ts';
export * from './designSpace.ts';
export * from './device.ts';
export * from './elimination.ts';
export * from './flatten.ts';
export * from './solver.ts';
export * from './technology.ts';
