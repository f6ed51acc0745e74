const headers = []; // leak

/** Keeps the first bytes of what came, for statistics: eight bytes that hold all the others. */
export function archive(body) {
  headers.push(body.subarray(0, 8)); // leak
}

export function kinds() {
  return headers.map((header) => header.toString('latin1'));
}
