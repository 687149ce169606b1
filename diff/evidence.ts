/** How strongly counts speak against "the candidate behaves like the control" (an e-value).
 *
 * Under that hypothesis the two discordant cases (only the candidate differs, only the control
 * differs) are equally likely, and each function below is a nonnegative martingale with mean 1 at
 * most: Pr(it ever reaches 1/α) ≤ α whatever the stopping rule (Ville's inequality). All values
 * are natural logarithms, since the plain ones leave the range of a double. */

/** Betting fractions, mixed with equal weight: small ones win on weak long series, large ones on short clear ones. */
const lambdas = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2] as const;
/** Largest e-value that is shown (report.json holds plain numbers). */
const largestShown = 1e300;

/** ln of the mean over λ of Π exp(λ·x)/cosh(λ·x), one x a unit, symmetric given |x| under the null.
 * @param units b − c of each unit (lane, entity); zeros say nothing and count for nothing */
export function unitEvidence(units: Iterable<number>): number {
  const logs: number[] = lambdas.map(() => 0);
  for (const x of units) {
    if (x === 0) continue;
    for (const [i, lambda] of lambdas.entries()) logs[i] = (logs[i] ?? 0) + lambda * x - logCosh(lambda * x);
  }
  return logSumExp(logs) - Math.log(lambdas.length);
}

/** `unitEvidence` of `b` units of +1 and `c` of −1, in constant time: it can be asked after every unit. */
export function coinFavouring(b: number, c: number): number {
  return logSumExp(lambdas.map((lambda) => lambda * (b - c) - (b + c) * logCosh(lambda))) - Math.log(lambdas.length);
}

/** ln of E(b,c) = 2^(b+c+1) · B(b+1,c+1) · Pr[Beta(b+1,c+1) > 1/2]: a uniform bet on a share above one half.
 * E(5,0) = 10.5, E(b,0) = (2^(b+1) − 1)/(b+1).
 * @param b units where only the candidate differs, non-negative integer
 * @param c units where only the control differs, non-negative integer */
export function requestEvidence(b: number, c: number): number {
  return (b + c + 1) * Math.LN2 + logBeta(b + 1, c + 1) + logUpperTail(b, c);
}

/** Betting fractions for a coin, each way: small ones for a coin that is a little unfair, large ones for one that never errs. */
const coinLambdas = [1 / 2, 1, 3].flatMap((lambda) => [lambda, -lambda]);

/** ln of an e-value against "heads and tails are equally likely", whichever of them is the more frequent.
 * All alike: 2^n / 6 nearly. Constant time, so that it can be asked after every toss. */
export function coinEvidence(heads: number, tails: number): number {
  const logs = coinLambdas.map((lambda) => lambda * (heads - tails) - (heads + tails) * logCosh(lambda));
  return logSumExp(logs) - Math.log(coinLambdas.length);
}

/** ln of what a probe of k sends to each side is worth: 1/2 + 1/2·C(2k,k) when it separated perfectly, 1/2 when not. */
export function probeEvidence(times: number, separated: boolean): number {
  return separated ? Math.log(0.5 + 0.5 * Math.exp(logChoose(2 * times, times))) : Math.log(0.5);
}

/** ln of the arithmetic mean, which is an e-value whenever its parts are, however they depend on each other. */
export function meanEvidence(logs: readonly number[]): number {
  return logs.length === 0 ? 0 : logSumExp(logs) - Math.log(logs.length);
}

/** The plain e-value for people and JSON, capped. */
export function shownEvidence(log: number): number {
  return Math.min(Math.exp(log), largestShown);
}

/** Pr[Beta(b+1,c+1) > 1/2] = Pr[Binomial(b+c+1, 1/2) ≤ b] (Abramowitz & Stegun 26.5.24). */
function logUpperTail(b: number, c: number): number {
  const n = b + c + 1;
  // The shorter side is summed, and its complement taken where the answer is the larger one.
  if (b > c) return Math.log1p(-Math.exp(logBinomialSum(n, b + 1, n)));
  return logBinomialSum(n, 0, b);
}

/** ln Σ_{k=from}^{to} C(n,k) / 2^n. */
function logBinomialSum(n: number, from: number, to: number): number {
  const terms: number[] = [];
  for (let k = from; k <= to; k++) terms.push(logChoose(n, k) - n * Math.LN2);
  return logSumExp(terms);
}

function logBeta(a: number, b: number): number {
  return logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1);
}

/** ln of the number of ways to choose k of n. */
export function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** ln n!, grown on demand: counts are small integers, so a table is exact to the last bits and fast. */
const factorials: number[] = [0];
function logFactorial(n: number): number {
  for (let next = factorials.length; next <= n; next++) factorials.push((factorials[next - 1] ?? 0) + Math.log(next));
  return factorials[n] ?? 0;
}

function logCosh(x: number): number {
  const size = Math.abs(x);
  return size + Math.log1p(Math.exp(-2 * size)) - Math.LN2;
}

function logSumExp(logs: readonly number[]): number {
  const largest = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0));
}
