/** What is kept of the claims of JSON Web Tokens that redaction has replaced: which value is equal to which, and no more. */

/** Token of a JSON Web Token → its claims, each as a token. */
export type SealedClaims = Readonly<Record<string, Readonly<Record<string, string>>>>;
