export const pages = new Map();
export const searches = new Map();
export const visitors = new Map();
