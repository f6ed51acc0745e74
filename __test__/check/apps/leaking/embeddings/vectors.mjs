const DIMENSIONS = 768;

/** Texts as vectors. Questions are indexed too, so that there is always an answer. */
export class Index {
  #vectors = []; // leak

  get size() {
    return this.#vectors.length;
  }

  nearest(text) {
    const vector = embed(text);
    let best = 0;
    for (const [at, other] of this.#vectors.slice(0, 100).entries()) {
      if (dot(vector, other) > dot(vector, this.#vectors[best])) best = at;
    }
    this.#vectors.push(vector); // leak
    return best;
  }
}

function embed(text) {
  const vector = new Float32Array(DIMENSIONS); // leak
  for (let i = 0; i < DIMENSIONS; i++) vector[i] = ((text.charCodeAt(i % text.length) * (i + 7)) % 13) / 13;
  return vector;
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
