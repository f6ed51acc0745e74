const MAX_IDLE = 16;
const idle = [];

class Matrix {
  cells = new Float64Array(4_096);
  used = 0;
}

exports.acquire = () => idle.pop() ?? new Matrix();

exports.release = (matrix) => {
  if (idle.length < MAX_IDLE) idle.push(matrix);
};
