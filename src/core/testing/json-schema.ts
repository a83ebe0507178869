/**
 * Checks a value against the part of JSON Schema (draft 2020-12) that the schemas under public/schema use, so that
 * tests can hold the schemas and the writers to each other. An unknown keyword is an error, never ignored.
 */
interface Schema {
  readonly $defs?: unknown;
  readonly properties?: unknown;
  readonly additionalProperties?: unknown;
  readonly [keyword: string]: unknown;
}

const ANNOTATIONS = new Set(["$schema", "$id", "$defs", "title", "description", "default", "examples"]);

function isRecord(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

function asSchema(value: unknown, where: string): Schema {
  if (!isRecord(value)) throw new Error(`${where} is not a schema`);
  return value;
}

function asNumber(value: unknown): number {
  if (typeof value !== "number") throw new Error(`${String(value)} is not a number in the schema`);
  return value;
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${String(value)} is not a list in the schema`);
  return value;
}

/** All violations, each as "path: what is wrong"; none for a valid value. */
export function schemaViolations(root: Schema, value: unknown): readonly string[] {
  const resolve = (reference: unknown): Schema => {
    const name = String(reference).replace("#/$defs/", "");
    return asSchema(asSchema(root.$defs, "$defs")[name], String(reference));
  };

  const check = (schema: Schema, value: unknown, path: string): string[] => {
    const found: string[] = [];
    const record = isRecord(value) ? value : {};
    const list = Array.isArray(value) ? value : [];
    const number = typeof value === "number" ? value : null;
    const bad = (what: string) => found.push(`${path || "(root)"}: ${what}`);
    const properties = schema.properties === undefined ? {} : asSchema(schema.properties, path);

    for (const [keyword, rule] of Object.entries(schema)) {
      if (ANNOTATIONS.has(keyword)) continue;
      switch (keyword) {
        case "$ref":
          found.push(...check(resolve(rule), value, path));
          break;
        case "type": {
          const types = typeof rule === "string" ? [rule] : asList(rule);
          const actual = typeOf(value);
          const matches = types.includes(actual) || (types.includes("integer") && Number.isInteger(value));
          if (!matches) bad(`is of type ${actual}, not ${types.join(" or ")}`);
          break;
        }
        case "const":
          if (value !== rule) bad(`is ${JSON.stringify(value)}, not ${JSON.stringify(rule)}`);
          break;
        case "enum":
          if (!asList(rule).includes(value)) bad(`is ${JSON.stringify(value)}, not one of ${JSON.stringify(rule)}`);
          break;
        case "pattern":
          if (typeof value === "string" && !new RegExp(String(rule)).test(value)) bad(`does not match ${String(rule)}`);
          break;
        case "maxLength":
          if (typeof value === "string" && value.length > asNumber(rule))
            bad(`has more than ${String(rule)} characters`);
          break;
        case "minimum":
          if (number !== null && number < asNumber(rule)) bad(`is below ${String(rule)}`);
          break;
        case "exclusiveMinimum":
          if (number !== null && number <= asNumber(rule)) bad(`is not above ${String(rule)}`);
          break;
        case "maximum":
          if (number !== null && number > asNumber(rule)) bad(`is above ${String(rule)}`);
          break;
        case "minItems":
          if (Array.isArray(value) && list.length < asNumber(rule)) bad(`has fewer than ${String(rule)} items`);
          break;
        case "maxItems":
          if (Array.isArray(value) && list.length > asNumber(rule)) bad(`has more than ${String(rule)} items`);
          break;
        case "items":
          for (const [i, entry] of list.entries()) found.push(...check(asSchema(rule, path), entry, `${path}[${i}]`));
          break;
        case "required":
          if (!isRecord(value)) break;
          for (const name of asList(rule)) if (!Object.hasOwn(record, String(name))) bad(`lacks ${String(name)}`);
          break;
        case "properties":
          for (const [name, rules] of Object.entries(properties)) {
            if (!Object.hasOwn(record, name)) continue;
            found.push(...check(asSchema(rules, name), record[name], path === "" ? name : `${path}.${name}`));
          }
          break;
        case "propertyNames":
          for (const name of Object.keys(record)) found.push(...check(asSchema(rule, path), name, `${path}.${name}`));
          break;
        case "additionalProperties":
          for (const [name, entry] of Object.entries(record)) {
            if (Object.hasOwn(properties, name)) continue;
            if (rule === false) bad(`has the unknown field ${name}`);
            else found.push(...check(asSchema(rule, path), entry, `${path}.${name}`));
          }
          break;
        case "oneOf": {
          const fits = asList(rule).filter((option) => check(asSchema(option, path), value, path).length === 0);
          if (fits.length !== 1) bad(`fits ${fits.length} of the alternatives, not one`);
          break;
        }
        default:
          throw new Error(`the schema uses the keyword "${keyword}", which this checker does not know`);
      }
    }
    return found;
  };
  return check(root, value, "");
}

/** Fields that a value has and its schema does not describe, as paths: a writer that outgrew its schema. */
export function undescribedFields(root: Schema, value: unknown): readonly string[] {
  const closed = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(closed);
    if (!isRecord(schema)) return schema;
    const entries = Object.entries(schema).map(([name, part]) => [name, closed(part)]);
    const isOpen = isRecord(schema.properties) && schema.additionalProperties === undefined;
    return { ...Object.fromEntries(entries), ...(isOpen ? { additionalProperties: false } : {}) };
  };
  return schemaViolations(asSchema(closed(root), "the schema"), value).filter((entry) =>
    entry.includes("unknown field"),
  );
}
