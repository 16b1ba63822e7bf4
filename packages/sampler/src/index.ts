export * from './designMap.ts';
export * from './sobol.ts';
