/** What a process can be asked for by its control socket. */

import { profileGrowth } from '../profile/profile';
import { type Control, openControl } from './server';

export function openCommands(): Control {
  return openControl({ profile: (options, signal) => profileGrowth({ ...options, signal }) });
}
