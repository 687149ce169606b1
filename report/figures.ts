/** Numbers as people read them; one place, so that no two formats of the report show different figures. */

/** Made once: to make one for each figure takes most of the time of a page of 100,000 findings. */
const grouped: Intl.NumberFormat = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 12,345 */
export function count(value: number): string {
  return grouped.format(value);
}

/** "1 finding", "2 findings"; `plural` only for words that do not take an s. */
export function counted(value: number, noun: string, plural: string = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A share from 0 to 1 as "17 %"; small shares keep their first digit, and only a whole is "100 %". */
export function percent(share: number): string {
  const value = share * 100;
  if (value <= 0) return "0 %";
  if (value >= 100) return "100 %";
  const digits = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(value))));
  // Rounding up to a whole would hide the exceptions: 99.96 % stays under 100 %.
  const rounded = value > 99 ? Math.min(99.9, Math.floor(value * 10) / 10) : Number(value.toFixed(digits));
  return `${rounded} %`;
}

/** A share of people's "how many": never "0 %" of something that happened. */
export function shareOf(part: number, whole: number): string {
  return whole === 0 ? "–" : percent(part / whole);
}

/** E-values span 300 orders of magnitude: "56.8", "2.1e5", "≥ 1e300"; "–" without a control. */
export function evidenceFigure(e: number | null): string {
  if (e === null) return "–";
  if (e >= 1e300) return "≥ 1e300";
  if (e >= 10_000) return e.toExponential(1).replace("e+", "e");
  if (e >= 100) return count(e);
  return String(Number(e.toPrecision(3)));
}

/** "0.4 ms", "12 ms", "3.2 s" */
export function duration(ms: number): string {
  if (ms >= 10_000) return `${Number((ms / 1000).toFixed(1))} s`;
  if (ms >= 100) return `${count(ms)} ms`;
  return `${Number(ms.toPrecision(2))} ms`;
}

/** "812 B", "12 kB", "3.4 MB" */
export function byteSize(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1_000_000) return `${Number((size / 1000).toPrecision(3))} kB`;
  return `${Number((size / 1_000_000).toPrecision(3))} MB`;
}
