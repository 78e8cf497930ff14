// Builds and validates every .graphql file of a folder; prints the type names of each as JSON.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, validateSchema } from "graphql";

const folder = process.argv[2];
const found = {};
for (const name of readdirSync(folder).filter((name) => name.endsWith(".graphql"))) {
  const schema = buildSchema(readFileSync(join(folder, name), "utf8"));
  const errors = validateSchema(schema);
  if (errors.length > 0) {
    console.error(name, errors.map((error) => error.message).join("\n"));
    process.exit(1);
  }
  found[name] = Object.keys(schema.getTypeMap()).filter((type) => !type.startsWith("__"));
}
console.log(JSON.stringify(found));
