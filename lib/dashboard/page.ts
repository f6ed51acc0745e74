/** The page, which the build has put together in one string, and the policy that lets nothing else in. */

/// <reference path="./page-module.d.ts" />
import { html, scriptHash, styleHash } from 'page:dashboard';

/** The whole page: it loads nothing, and asks for nothing but the state and the past of the process. */
export const page: string = html;

/**
 * Nothing may be loaded, run, framed or posted but the page's own script and style, by their hashes, and requests to its
 * own origin; and no text can become markup, whatever the script does with it. The image is the icon, which is empty.
 */
export const pagePolicy: string = [
  "default-src 'none'",
  `script-src '${scriptHash}'`,
  `style-src '${styleHash}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
