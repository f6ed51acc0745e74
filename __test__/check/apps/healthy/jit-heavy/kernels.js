const shapes = [
  (a, [b, c]) => a * b + (c % 7),
  (a, [b]) => Math.sqrt(a * a + b * b),
  (a, [b, c]) => ({ a, b, c }).a ^ b,
  (a, [b]) => `${a}${b}`.length,
  (a, [b, c]) => [a, b, c].sort((x, y) => x - y)[1],
  (a) => (/^[0-9]+$/.test(String(a)) ? 1 : 0),
  (a, [b]) => new Point(a, b).norm(),
];

class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }

  norm() {
    return Math.abs(this.x) + Math.abs(this.y);
  }
}

// Forty functions, each with code of its own.
exports.kernels = Array.from({ length: 40 }, (_, i) => {
  const shape = shapes[i % shapes.length];
  return new Function(
    'shape',
    `return (a, rest) => { let s = ${i}; for (let k = 0; k < 3; k++) s += shape(a + k, rest); return s; }`,
  )(shape);
});
