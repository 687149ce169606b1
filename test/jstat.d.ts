/** The few functions of jstat that tests compare with; the package has no types of its own. */
declare module "jstat" {
  interface Distribution {
    cdf(x: number, ...parameters: number[]): number;
    inv(p: number, ...parameters: number[]): number;
  }
  const jStat: {
    readonly beta: Distribution;
    readonly binomial: Distribution;
    readonly normal: Distribution;
    readonly studentt: Distribution;
    betafn(x: number, y: number): number;
    median(values: readonly number[]): number;
  };
  export default jStat;
}
