export { readGds } from './gds/read.ts';
export { writeGds } from './gds/write.ts';
export { flatShapes, type Layout } from './layout.ts';
export { type LayoutOptions, layOut } from './place/place.ts';
export { processOf } from './process.ts';
