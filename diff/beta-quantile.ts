/** Quantiles of the beta distribution, and of Student's t, which is one in disguise.
 *
 * The regularised incomplete beta function by its continued fraction (Lentz's method; NIST DLMF §8.17.22), and its inverse by bisection: it
 * rises, and sixty halvings leave nothing of a double. */

const steps = 300;
const precision = 1e-14;
/** In place of zeros that Lentz's method would divide by. */
const tiny = 1e-300;
const halvings = 60;

/** The x with Pr[Beta(a, b) ≤ x] = p. `a` and `b` above 0. */
export function betaQuantile(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (betaCdf(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The t with Pr[|T| ≤ t] = `within` at so many degrees of freedom. */
export function studentQuantile(within: number, freedom: number): number {
  const x = betaQuantile(1 - within, freedom / 2, 1 / 2);
  return Math.sqrt((freedom * (1 - x)) / x);
}

/** Pr[Beta(a, b) ≤ x]. */
function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return Number(x >= 1);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
  // The fraction converges fast on this side of the mean only.
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= steps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / nonZero(1 + term * d);
      c = nonZero(1 + term / c);
      change = c * d;
      value *= change;
    }
    if (Math.abs(change - 1) < precision) break;
  }
  return value;
}

function nonZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** From here on Stirling's series with its first terms is right to the last bits. */
const stirlingFrom = 15;

/** ln Γ(x), x above 0 (DLMF §5.11.1, after §5.5.1 has carried x up to where the series is good). */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < stirlingFrom; z++) shift -= Math.log(z);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5) - 1 / (1680 * z ** 7);
  return shift + (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series;
}
