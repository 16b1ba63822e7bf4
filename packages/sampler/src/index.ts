export * from './designMap.ts';
export * from './ptanhFit.ts';
export * from './sobol.ts';
export * from './sweep.ts';
