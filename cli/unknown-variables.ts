/** Variables of the environment that look like options and are none: whoever misspelt one is told, and goes on without it. */

import { visible } from "../report/visible.ts";
import { nearestName } from "./nearest-name.ts";
import { options } from "./options.ts";
import { environmentName } from "./resolve.ts";

const prefix = "PENUMBRA_";
/** What Kubernetes sets in every pod for a service whose name begins with penumbra. */
const ofKubernetes = /_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** A line for each; values are left out, since they may be secret. */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = Object.keys(options).map(environmentName);
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith(prefix) && value !== "" && !known.includes(name) && !ofKubernetes.test(name))
    .map(([name]) => {
      const nearest = nearestName(name.toUpperCase(), known);
      const hint = nearest === null ? "docs/options.md has the names" : `did you mean ${nearest}?`;
      return `penumbra: the environment variable ${visible(name)} is ignored: there is no such option; ${hint}`;
    });
}
