class Visit {
  constructor(agent, path, previous) {
    this.agent = agent;
    this.path = path;
    this.at = new Date();
    this.marks = new Array(30).fill(0);
    this.previous = previous;
    if (previous) previous.next = this;
  }
}

/** A list in which the newest is reached at once, and the oldest in as many steps as there are. */
exports.VisitLog = class VisitLog {
  head = null; // leak
  length = 0;

  add(agent, path) {
    this.head = new Visit(agent, path, this.head); // leak
    this.length++;
  }
};
