/**
 * What a source says of where things are declared, added to and passed on: enough to find the line that belongs to an
 * object in a snapshot, which knows names and the beginnings of functions, and no lines within them.
 */

import { type Node, type Options, parse } from 'acorn';

/** A place in a source, and the part of it that the statement takes. */
export interface Spot {
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  start: number;
  end: number;
}

/** Something that is declared. */
export interface Declaration extends Spot {
  /** Without the `#` of a private name. */
  name: string;
  /** A property of `this` or of an object, rather than a variable. */
  property: boolean;
  /** How many functions are around it. */
  depth: number;
}

/** Something by which an object may get more. */
export interface Addition extends Spot {
  /** The names in the expression of what is added to, the last one first: of `this.store.items.push(x)` `items`, `store`. */
  names: string[];
  /** The method; `[]=` for an element, `=` and `+=` for a variable or property, `await` for what is waited for. */
  how: string;
}

/** A function. */
export interface FunctionSpot extends Spot {
  name: string | undefined;
}

/** A source that was looked through. */
export interface Source {
  file: string;
  declarations: Declaration[];
  additions: Addition[];
  functions: FunctionSpot[];
}

/** Any node of the tree. */
type Tree = Node & { [key: string]: unknown };

const OPTIONS: Options = {
  ecmaVersion: 'latest',
  locations: true,
  allowHashBang: true,
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
};

/** Looks through a source; one that is not JavaScript, such as TypeScript, by its lines. Linear. */
export function readSourceText(file: string, text: string): Source {
  const source: Source = { file, declarations: [], additions: [], functions: [] };
  const tree = parsed(text);
  if (tree === undefined) readLines(source, text);
  else walk(tree, source);
  return source;
}

function parsed(text: string): Tree | undefined {
  for (const sourceType of ['module', 'script'] as const) {
    try {
      return parse(text, { ...OPTIONS, sourceType }) as Node as Tree;
    } catch {
      // A script may be no module, and TypeScript is neither.
    }
  }
  return undefined;
}

/** Without recursion: a minified source is nested more deeply than the stack. */
function walk(root: Tree, source: Source): void {
  const open: Array<{ node: Tree; depth: number }> = [{ node: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node } = next;
    let { depth } = next;
    note(node, depth, source);
    if (isFunction(node)) depth++;
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) {
        for (const item of value) if (isNode(item)) open.push({ node: item, depth });
      } else if (isNode(value)) {
        open.push({ node: value, depth });
      }
    }
  }
}

function isNode(value: unknown): value is Tree {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}

function isFunction({ type }: Tree): boolean {
  return (
    type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression'
  );
}

function spot(node: Tree): Spot {
  const { line = 1, column = 0 } = node.loc?.start ?? {};
  return { line, column: column + 1, start: node.start, end: node.end };
}

function note(node: Tree, depth: number, source: Source): void {
  const declare = (target: unknown, property: boolean) => {
    for (const name of namesIn(target)) source.declarations.push({ ...spot(node), name, property, depth });
  };
  const add = (target: unknown, how: string) => {
    const names = chain(target);
    if (names.length > 0) source.additions.push({ ...spot(node), names, how });
  };
  if (isFunction(node)) {
    const [name] = namesIn(node.id);
    source.functions.push({ ...spot(node), name });
    for (const parameter of node.params as unknown[]) {
      for (const given of namesIn(parameter)) {
        source.declarations.push({ ...spot(node), name: given, property: false, depth: depth + 1 });
      }
    }
  }
  switch (node.type) {
    case 'VariableDeclarator':
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      declare(node.id, false);
      break;
    case 'PropertyDefinition':
      declare(node.key, true);
      break;
    case 'Property':
      if (node.computed !== true && !node.shorthand) declare(node.key, true);
      break;
    case 'AssignmentExpression':
      noteAssignment(node, declare, add);
      break;
    case 'CallExpression':
    case 'NewExpression':
      noteCall(node, add);
      break;
    case 'AwaitExpression':
      add(node.argument, 'await');
      break;
  }
}

function noteAssignment(
  node: Tree,
  declare: (target: unknown, property: boolean) => void,
  add: (target: unknown, how: string) => void,
): void {
  const left = node.left as Tree;
  if (left.type === 'MemberExpression') {
    const object = left.object as Tree;
    // `items[id] = x`, and `items.a[id].b = x`: each of them gets more.
    for (let at: Tree | undefined = left; at?.type === 'MemberExpression'; at = at.object as Tree) {
      if (at.computed === true) add(at.object, '[]=');
    }
    if (left.computed !== true) {
      if (object.type === 'ThisExpression') declare(left.property, true);
      add(left, node.operator as string);
      add(object, '.=');
    }
  } else {
    add(left, node.operator as string);
  }
}

function noteCall(node: Tree, add: (target: unknown, how: string) => void): void {
  const callee = node.callee as Tree;
  const method = chain(callee)[0];
  if (method === undefined) return;
  if (callee.type === 'MemberExpression') add(callee.object, method);
  // `setInterval(…)`, and `new Agent(…)`, which are what they are called.
  add(callee, node.type === 'NewExpression' ? 'new' : 'call');
  // What is passed on: `Promise.race([shutdown, work])`, `finished(stream)`.
  for (const argument of node.arguments as Tree[]) {
    const inner =
      argument.type === 'ArrayExpression' ? (argument.elements as Array<Tree | null>) : [argument];
    for (const one of inner)
      if (one?.type === 'Identifier' || one?.type === 'MemberExpression') add(one, `(${method})`);
  }
}

/** The names that a pattern binds, or the one that a key or identifier is. */
function namesIn(target: unknown): string[] {
  if (!isNode(target)) return [];
  switch (target.type) {
    case 'Identifier':
    case 'PrivateIdentifier':
      return [target.name as string];
    case 'Literal':
      return typeof target.value === 'string' ? [target.value] : [];
    case 'ObjectPattern':
      return (target.properties as Tree[]).flatMap((one) => namesIn(one.value ?? one.argument));
    case 'ArrayPattern':
      return (target.elements as unknown[]).flatMap(namesIn);
    case 'AssignmentPattern':
      return namesIn(target.left);
    case 'RestElement':
      return namesIn(target.argument);
    default:
      return [];
  }
}

/** The names in an expression such as `this.store.items.get(id)`, the last one first; calls are looked through. */
function chain(target: unknown): string[] {
  const names: string[] = [];
  for (let at = target; isNode(at); ) {
    switch (at.type) {
      case 'Identifier':
        names.push(at.name as string);
        return names;
      case 'MemberExpression':
        if (at.computed !== true || (at.property as Tree).type === 'Literal')
          names.push(...namesIn(at.property));
        at = at.object;
        break;
      case 'CallExpression':
        at = at.callee;
        break;
      case 'ChainExpression':
      case 'ParenthesizedExpression':
        at = at.expression;
        break;
      case 'AssignmentExpression':
      case 'LogicalExpression':
        at = at.left;
        break;
      default:
        return names;
    }
  }
  return names;
}

const DECLARED = /(?:^|[\s;{(])(?:const|let|var|class|function)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/u;
const FIELD =
  /^\s*(?:(?:public|private|protected|static|readonly|declare|override)\s+)*(?:this\.)?#?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*[?!]?\s*(?::[^=]*)?=[^=>]/u;
const CALLED =
  /([\p{ID_Start}$_#][\p{ID_Continue}$.?!#]*)\.([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:<[^()]*>)?\(/gu;
const INDEXED = /([\p{ID_Start}$_#][\p{ID_Continue}$.?!#]*)\s*\[[^\]]*\]\s*(?:\?\?|\|\|)?=[^=]/gu;
const GROWN = /([\p{ID_Start}$_#][\p{ID_Continue}$.?!#]*)\s*\+=/gu;
const BARE = /(?:^|[^\p{ID_Continue}$.#])(setInterval|setTimeout|setImmediate)\s*\(/gu;

/** What can be told from lines alone. Comments are not code, as far as they begin or fill a line. */
function readLines(source: Source, text: string): void {
  let start = 0;
  let commented = false;
  for (const [at, whole] of text.split('\n').entries()) {
    let line = whole;
    if (commented) {
      const end = line.indexOf('*/');
      commented = end < 0;
      line = commented ? '' : ' '.repeat(end + 2) + line.slice(end + 2);
    }
    line = line
      .replace(/\/\*.*?\*\//g, (comment) => ' '.repeat(comment.length))
      .replace(/(^|\s)\/\/.*$/, '$1');
    const open = line.indexOf('/*');
    if (open >= 0) {
      commented = true;
      line = line.slice(0, open);
    }
    const column = line.search(/\S/) + 1;
    const where = { line: at + 1, column: Math.max(1, column), start, end: start + whole.length };
    start += whole.length + 1;
    const declared = DECLARED.exec(line)?.[1];
    if (declared !== undefined) {
      source.declarations.push({ ...where, name: declared, property: false, depth: column > 1 ? 1 : 0 });
    }
    const field = FIELD.exec(line)?.[1];
    if (field !== undefined && declared === undefined) {
      source.declarations.push({ ...where, name: field, property: true, depth: 1 });
    }
    const add = (target: string, how: string) => {
      const names = target.split(/[?!]?\.#?/).map((name) => name.replace(/^#|[?!]$/g, ''));
      source.additions.push({ ...where, names: names.reverse().filter((name) => name !== ''), how });
    };
    for (const [, target = '', how = ''] of line.matchAll(CALLED)) add(target, how);
    for (const [, target = ''] of line.matchAll(INDEXED)) add(target, '[]=');
    for (const [, target = ''] of line.matchAll(GROWN)) add(target, '+=');
    for (const [, target = ''] of line.matchAll(BARE)) add(target, 'call');
  }
}
