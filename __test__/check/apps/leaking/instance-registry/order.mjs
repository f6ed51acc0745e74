export class Order {
  static #all = new Set(); // leak
  static #next = 1;

  constructor(customer) {
    this.id = Order.#next++;
    this.customer = customer;
    this.lines = [];
    Order.#all.add(this); // leak
  }

  static find(id) {
    return [...Order.#all].find((order) => order.id === id);
  }

  add(sku, pieces) {
    this.lines.push(new Line(sku, pieces));
  }

  get total() {
    return this.lines.reduce((sum, line) => sum + line.cents, 0);
  }
}

class Line {
  constructor(sku, pieces) {
    this.sku = sku;
    this.pieces = pieces;
    this.cents = pieces * 250;
    this.taxes = { rate: 0.25, cents: Math.round(pieces * 62.5) };
  }
}
