export * from './bayes/experiments.ts';
export * from './bayes/optimiser.ts';
export * from './bayes/space.ts';
export * from './usability/curves.ts';
export * from './usability/usability.ts';
