// SPDX-License-Identifier: Apache-2.0
// What the schema says of a member: its meaning, default, what is allowed.

type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null && !Array.isArray(value);

export interface Help {
  readonly description: string;
  readonly facts: readonly [string, string][];
  /** Names of members, of an object. */
  readonly members: readonly string[];
}

function resolved(root: Schema, schema: Schema): Schema {
  let found = schema;
  for (let hops = 0; hops < 20 && typeof found["$ref"] === "string"; hops += 1) {
    let target: unknown = root;
    for (const step of found["$ref"].replace(/^#\/?/, "").split("/").filter(Boolean)) {
      target = isSchema(target) ? target[step] : undefined;
    }
    if (!isSchema(target)) return found;
    const { $ref: _, ...beside } = found;
    found = { ...target, ...beside };
  }
  return found;
}

/** What may stand for `schema`: itself and each branch of its anyOf, oneOf, allOf. */
function branches(root: Schema, schema: Schema, depth = 0): Schema[] {
  const found = resolved(root, schema);
  if (depth > 6) return [found];
  const inner = ["anyOf", "oneOf", "allOf"].flatMap((key) => (Array.isArray(found[key]) ? (found[key] as unknown[]) : []));
  const conditional = ["then", "else"].map((key) => found[key]);
  return [found, ...[...inner, ...conditional].filter(isSchema).flatMap((each) => branches(root, each, depth + 1))];
}

/** Of an object whose `type` is known, only branches that are of that type. */
function suits(branch: Schema, value: unknown): boolean {
  const type = isSchema(branch["properties"]) ? branch["properties"]["type"] : undefined;
  const wanted = isSchema(type) ? (type["enum"] ?? (type["const"] === undefined ? undefined : [type["const"]])) : undefined;
  if (!Array.isArray(wanted) || !isSchema(value) || value["type"] === undefined) return true;
  return wanted.includes(value["type"]);
}

function child(root: Schema, schemas: Schema[], step: string): Schema[] {
  const index = /^\[\d+\]$/.test(step);
  return schemas.flatMap((schema) => {
    if (index) return isSchema(schema["items"]) ? branches(root, schema["items"]) : [];
    const properties = schema["properties"];
    if (isSchema(properties) && isSchema(properties[step])) return branches(root, properties[step]);
    const others = schema["additionalProperties"];
    return isSchema(others) ? branches(root, others) : [];
  });
}

/** Of the pattern of a quantity: the choice that it ends in. */
function unitsOf(pattern: unknown): string | undefined {
  const found = typeof pattern === "string" ? /\(([^()]+)\) \*\$$/.exec(pattern) : null;
  return found?.[1]?.replaceAll("|", ", ").replaceAll("\\", "");
}

/** `platform`: the parsed text, where it can be parsed; it tells which kind of device a member belongs to. */
export function helpFor(root: unknown, path: string, platform: unknown): Help | null {
  if (!isSchema(root) || path === "") return null;
  let schemas = branches(root, root);
  let value = platform;
  for (const step of path.match(/[^.[\]]+|\[\d+\]/g) ?? []) {
    schemas = child(root, schemas.filter((each) => suits(each, value)), step);
    const key = step.replace(/[[\]]/g, "");
    value = isSchema(value) ? value[key] : Array.isArray(value) ? value[Number(key)] : undefined;
  }
  schemas = schemas.filter((each) => suits(each, value));
  if (schemas.length === 0) return null;
  const first = (key: string): unknown => schemas.map((each) => each[key]).find((each) => each !== undefined);
  const facts: [string, string][] = [];
  const add = (title: string, each: unknown): void => {
    if (each !== undefined) facts.push([title, typeof each === "string" ? each : JSON.stringify(each)]);
  };
  add("default", first("default"));
  add("allowed", (first("enum") as unknown[] | undefined)?.map(String).join(", ") ?? first("const"));
  add("units", unitsOf(first("pattern")));
  add("at least", first("minimum"));
  add("at most", first("maximum"));
  const members = new Set(schemas.flatMap((each) => (isSchema(each["properties"]) ? Object.keys(each["properties"]) : [])));
  return { description: String(first("description") ?? ""), facts, members: [...members].sort() };
}
