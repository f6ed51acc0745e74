export class Permissions {
  #byTenant = new Map(); // leak

  /** What a user of a tenant may do with a document. */
  of(tenant, user, document) {
    const byUser = ensure(this.#byTenant, tenant, () => new Map());
    const byDocument = ensure(byUser, user, () => new Map()); // leak
    return ensure(byDocument, document, () => decide(tenant, user, document)); // leak
  }
}

function ensure(map, key, make) {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value); // leak
  }
  return value;
}

function decide(tenant, user, document) {
  const rules = ['read', 'comment', 'write', 'share', 'delete'];
  return rules.map((rule) => ({ rule, allowed: (tenant.length + user.length + document.length) % 2 === 0 })); // leak
}
