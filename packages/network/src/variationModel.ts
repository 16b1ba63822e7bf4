export { cutNormalQuantile as normalQuantile, isNominal, reachOf, variationOf } from '@neuroprint/circuit';
