/**
 * Names of tensors that stay apart across the scopes of one model. The main graph's scope is "", so its tensors
 * keep their own names; a body's scope is a path like "12.then_branch/" (node position in its graph, attribute).
 */
export function weightKey(scope: string, name: string): string {
  return scope + name;
}

/** Scope of the body that attribute `attribute` of node `node` holds; `element` is its place in a list of bodies. */
export function subgraphScope(scope: string, node: number, attribute: string, element?: number): string {
  return `${scope}${node}.${attribute}${element === undefined ? "" : `[${element}]`}/`;
}

/** Identity of a model-local function, also the scope of its body. */
export function functionScope(domain: string, name: string, overload: string): string {
  return `${domain}::${name}${overload === "" ? "" : `:${overload}`}/`;
}

/** Key of the index tensor of a sparse tensor whose values have the key `key`. */
export function sparseIndicesKey(key: string): string {
  return `${key}#indices`;
}
