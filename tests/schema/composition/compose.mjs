// Composes the subgraphs of a folder with both composers; prints the errors of each as JSON.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { composeServices as composeHive } from "@theguild/federation-composition";
import { parse } from "graphql";

const folder = process.argv[2];
const services = readdirSync(folder)
  .filter((file) => file.endsWith(".graphql"))
  .map((file) => ({ name: file.replace(".graphql", ""), typeDefs: parse(readFileSync(join(folder, file), "utf8")) }));
const apollo = composeServices(services.map((service) => ({ ...service, url: `http://${service.name}` })));
const hive = composeHive(services.map((service) => ({ ...service, url: `http://${service.name}` })));
const messages = (result) => (result.errors ?? []).map((error) => error.message);
console.log(JSON.stringify({ apollo: messages(apollo), guild: messages(hive) }));
