export * from './technology.ts';
