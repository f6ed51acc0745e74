/** The header of requests for a growth profile, and what it has to say. */

export const PROFILE_HEADER = 'x-plateau';
export const PROFILE_VALUE = 'profile';
