/** What `scripts/build-page.mjs` makes of the files in `page/`. */
declare module 'page:dashboard' {
  /** The page, with the script and the style inside. */
  export const html: string;
  /** Of these, as a content security policy names them. */
  export const scriptHash: string;
  export const styleHash: string;
}
