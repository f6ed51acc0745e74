let undo = () => 0; // leak
let count = 0;

/** Each step remembers how to take itself back, and through its scope the step before. */
exports.add = (item) => {
  const before = undo;
  const at = new Date();
  const price = Array.from({ length: 25 }, (_, i) => item.pieces * i);
  /* leak */ undo = () => {
    count -= item.pieces;
    undo = before;
    return { item, at, price };
  };
  count += item.pieces;
  return count;
};

exports.undo = () => undo();
