/**
 * Large snapshots out of a small one: its objects as many times as are asked for, under one root. Written as it is made,
 * so that no more memory is needed than the small one takes.
 *
 * The copies share hidden classes' names, code and most strings; every fourth text is another in each copy. One edge of a
 * hundred leads into a copy drawn by lot: without these, the copies would lie in memory as they are reached, which a real
 * heap does not. Ids are spread alike in all that are made with the same `span`, so an object keeps its own between
 * snapshots of one program.
 */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { randomSource } from '../harness/random.mjs';

/** Bytes kept until they are written. */
const BUFFER = 1 << 20;

/**
 * @param {string} from
 * @param {string} to
 * @param {number} copies
 * @param {number} [span] how far apart the ids of copies are
 */
export function tile(from, to, copies, span) {
  const source = new Source(JSON.parse(readFileSync(from, 'utf8')));
  const out = new Output(to);
  const { nodes, edges } = source.counts(copies);
  const { snapshot } = source;
  const header = { meta: snapshot.meta, node_count: nodes, edge_count: edges, trace_function_count: 0 };
  out.text(`{"snapshot":${JSON.stringify(header)},\n"nodes":[`);
  source.writeNodes(out, copies, span ?? source.highestId + 1);
  out.text('\n],\n"edges":[');
  source.writeEdges(out, copies);
  out.text('\n],\n"trace_function_infos":[],\n"trace_tree":[],\n"samples":[],\n"locations":[');
  source.writeLocations(out, copies);
  out.text('\n],\n"strings":[');
  source.writeStrings(out, copies);
  out.text('\n]}');
  out.close();
  return { nodes, edges, bytes: out.bytes };
}

/** V8 counts its own objects by odd ids; those outside its heap get even ones that look random. */
function idIn(copy, id, span) {
  return id % 2 === 1 ? id + copy * span : (id + copy * 7_368_788) % 2 ** 32;
}

/** The highest id of an object of V8's in a snapshot. */
export function highestId(path) {
  return new Source(JSON.parse(readFileSync(path, 'utf8'))).highestId;
}

class Source {
  constructor(file) {
    this.snapshot = file.snapshot;
    /** @type {number[]} */
    this.nodes = file.nodes;
    /** @type {number[]} */
    this.edges = file.edges;
    /** @type {number[]} */
    this.locations = file.locations;
    /** @type {string[]} */
    this.strings = file.strings;
    const { node_fields, node_types, edge_types } = this.snapshot.meta;
    this.fields = node_fields.length;
    const at = (name) => node_fields.indexOf(name);
    this.at = {
      type: at('type'),
      name: at('name'),
      id: at('id'),
      edges: at('edge_count'),
      trace: at('trace_node_id'),
    };
    this.size = this.nodes.length / this.fields;
    this.rootEdges = this.nodes[this.at.edges];
    this.numbered = new Set(['element', 'hidden'].map((name) => edge_types[0].indexOf(name)));
    this.crossing = new Set(['element', 'property', 'context'].map((name) => edge_types[0].indexOf(name)));
    this.highestId = 0;
    /** What a name is called in the copies: the number of another string among those that each has of its own. */
    this.own = new Int32Array(this.strings.length).fill(-1);
    this.ownTexts = [];
    const text = node_types[0].indexOf('string');
    for (let node = 0; node < this.size; node++) {
      const [type, name, id] = ['type', 'name', 'id'].map(
        (field) => this.nodes[node * this.fields + this.at[field]],
      );
      if (id % 2 === 1) this.highestId = Math.max(this.highestId, id);
      if (type === text && name % 4 === 0 && this.own[name] < 0) {
        this.own[name] = this.ownTexts.length;
        this.ownTexts.push(this.strings[name]);
      }
    }
  }

  counts(copies) {
    return { nodes: 1 + copies * (this.size - 1), edges: (copies * this.edges.length) / 3 };
  }

  /** The number of a name in a copy. */
  name(name, copy) {
    const own = this.own[name];
    return own < 0 || copy === 0 ? name : this.strings.length + (copy - 1) * this.ownTexts.length + own;
  }

  writeNodes(out, copies, span) {
    const { fields, at, nodes } = this;
    for (let copy = 0; copy < copies; copy++) {
      for (let node = copy === 0 ? 0 : 1; node < this.size; node++) {
        out.record(copy + node === 0);
        for (let field = 0; field < fields; field++) {
          const value = nodes[node * fields + field];
          if (field === at.name) out.number(this.name(value, copy));
          else if (field === at.id) out.number(idIn(copy, value, span));
          else if (field === at.edges && node === 0) out.number(value * copies);
          else out.number(field === at.trace ? 0 : value);
          if (field < fields - 1) out.comma();
        }
      }
    }
  }

  writeEdges(out, copies) {
    const random = randomSource(11);
    let first = true;
    const write = (edge, copy, crosses) => {
      const [type, name, to] = [
        this.edges[3 * edge],
        this.edges[3 * edge + 1],
        this.edges[3 * edge + 2] / this.fields,
      ];
      const into =
        crosses && this.crossing.has(type) && random() < 0.01 ? Math.floor(random() * copies) : copy;
      out.record(first);
      first = false;
      out.number(type);
      out.comma();
      out.number(this.numbered.has(type) ? name : this.name(name, copy));
      out.comma();
      out.number((to === 0 ? 0 : into * (this.size - 1) + to) * this.fields);
    };
    for (let copy = 0; copy < copies; copy++) {
      for (let edge = 0; edge < this.rootEdges; edge++) write(edge, copy, false);
    }
    for (let copy = 0; copy < copies; copy++) {
      for (let edge = this.rootEdges; edge < this.edges.length / 3; edge++) write(edge, copy, true);
    }
  }

  writeLocations(out, copies) {
    for (let copy = 0; copy < copies; copy++) {
      for (let at = 0; at < this.locations.length; at += 4) {
        out.record(copy + at === 0);
        out.number(this.locations[at] + copy * (this.size - 1) * this.fields);
        for (let field = 1; field < 4; field++) {
          out.comma();
          out.number(this.locations[at + field]);
        }
      }
    }
  }

  writeStrings(out, copies) {
    out.text(this.strings.map((text) => JSON.stringify(text)).join(',\n'));
    const texts = this.ownTexts.map((text) => JSON.stringify(text).slice(1, -1));
    for (let copy = 1; copy < copies; copy++) {
      for (const text of texts) out.text(`,\n"${text} ${copy}"`);
    }
  }
}

/** Writes text and numbers into a file. */
class Output {
  #buffer = Buffer.alloc(BUFFER);
  #length = 0;
  #file;
  bytes = 0;

  constructor(path) {
    this.#file = openSync(path, 'w', 0o600);
  }

  text(text) {
    const bytes = Buffer.from(text);
    if (this.#length + bytes.length > BUFFER) this.#flush();
    if (bytes.length > BUFFER) this.#write(bytes);
    else this.#length += bytes.copy(this.#buffer, this.#length);
  }

  /** What stands between records. */
  record(first) {
    if (this.#length + 64 > BUFFER) this.#flush();
    if (first) return;
    this.#buffer[this.#length++] = 0x0a;
    this.#buffer[this.#length++] = 0x2c;
  }

  comma() {
    this.#buffer[this.#length++] = 0x2c;
  }

  /** A whole number that is not negative. */
  number(value) {
    if (this.#length + 64 > BUFFER) this.#flush();
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    const end = this.#length + digits;
    for (let at = end - 1; at >= this.#length; at--) {
      const rest = Math.floor(value / 10);
      this.#buffer[at] = 0x30 + value - 10 * rest;
      value = rest;
    }
    this.#length = end;
  }

  #flush() {
    this.#write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  #write(bytes) {
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#file, bytes, from);
    this.bytes += bytes.length;
  }

  close() {
    this.#flush();
    closeSync(this.#file);
  }
}
