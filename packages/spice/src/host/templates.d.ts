/** Made by the build of the page: the compiled templates by their text. */
declare module 'neuroprint:templates' {
  export const templates: ReadonlyMap<string, object>;
}
