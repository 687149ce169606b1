import { describe, expect, it } from "vitest";
import { connectionProblem } from "../../target/connection-problem.ts";

const problem = (url: string, code: string): string => {
  const { what, next } = connectionProblem(new URL(url), Object.assign(new Error("x"), { code }));
  return `${what}; ${next}`;
};

describe("a connection that does not come about", () => {
  it.each([
    ["https://shop:8443", "ERR_SSL_WRONG_VERSION_NUMBER", /^TLS handshake failed: the server there speaks no TLS; try http:\/\/shop:8443$/],
    ["https://[::1]:8443", "ECONNRESET", /hung up, as one may that speaks no TLS; try http:\/\/\[::1\]:8443$/],
    ["https://shop", "DEPTH_ZERO_SELF_SIGNED_CERT", /its certificate is self-signed; set NODE_EXTRA_CA_CERTS=FILE/],
    ["https://shop", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", /an authority that is not known here; set NODE_EXTRA_CA_CERTS=FILE/],
    ["https://shop", "CERT_HAS_EXPIRED", /its certificate has expired; renew it/],
    ["https://shop", "CERT_NOT_YET_VALID", /is not valid yet; renew it, or set this machine's clock$/],
    ["https://shop", "ERR_TLS_CERT_ALTNAME_INVALID", /its certificate is not for shop; write the address with a name/],
    ["https://shop", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", /^TLS handshake failed \(ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE\); see /],
    ["https://shop", "ECONNREFUSED", /^nothing listens there; start it and try again$/],
    ["http://shop", "ECONNRESET", /^ECONNRESET; start it/],
    ["http://nowhere.invalid", "ENOTFOUND", /^the name nowhere.invalid cannot be resolved; check the address$/],
  ])("to %s with %s says what is wrong and what to do", (url, code, said) => {
    expect(problem(url, code)).toMatch(said);
  });
});
