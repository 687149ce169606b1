/** Tells the slowest of a route: over the time that 99 of 100 of its latest requests took. */

/** Routes that are followed; of others nothing is slow. */
const mostRoutes = 2000;
/** Times remembered of a route. */
const remembered = 512;
/** Before a hundred are known none can be the hundredth. */
const fewest = 100;
/** The bound is set anew after so many. */
const renewal = 64;
const usual = 0.99;

interface Route {
  readonly times: Float64Array;
  count: number;
  /** Null until enough are known. */
  bound: number | null;
}

export class SlowRequests {
  private readonly routes = new Map<string, Route>();

  /** Call once for each request. @returns whether it took longer than nearly all before it at its route */
  observe(name: string, tookMs: number): boolean {
    const route = this.routes.get(name) ?? this.begin(name);
    if (route === null) return false;
    const isSlow = route.bound !== null && tookMs > route.bound;
    route.times[route.count++ % remembered] = tookMs;
    if (route.count >= fewest && route.count % renewal === 0) {
      const known = route.times.slice(0, Math.min(route.count, remembered)).sort();
      route.bound = known[Math.ceil(usual * known.length) - 1] ?? null;
    }
    return isSlow;
  }

  private begin(name: string): Route | null {
    if (this.routes.size >= mostRoutes) return null;
    const route: Route = { times: new Float64Array(remembered), count: 0, bound: null };
    this.routes.set(name, route);
    return route;
  }
}
