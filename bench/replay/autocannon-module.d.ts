/** The part of autocannon 9.0.0 that is used; the package brings no types. */

declare module "autocannon" {
  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly requests: readonly {
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: Buffer;
    }[];
  }

  interface Result {
    readonly requests: { readonly total: number };
  }

  export default function autocannon(options: Options): Promise<Result>;
}
