/** A drawing with uPlot, in the page's colours, as wide as there is room; drawn again when the light changes. What it shows stands in words beside it. */

import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";

const msPerSecond = 1000;
/** Pixels for an axis's name, and between the marks of one that lies: no label touches the next. */
const labelSize = 22;
const xSpace = 76;
/** Seconds between marks of time: a narrow drawing of a short run needs those of two and twenty as well. */
const [minute, hour, day] = [60, 3600, 86_400];
const timeSteps: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1].flatMap((step) => [step, 2 * step, 5 * step]),
  ...[10, 15, 20, 30],
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * hour),
  ...[1, 2, 5, 7, 14, 28, 56, 182, 364].map((days) => days * day),
];
/** Pixels for what stands at the marks, below and at the left. */
const xSize = 28;
const ySize = 52;

export interface Series {
  readonly label: string;
  /** Name of the style's colour: `--low`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  readonly isStepped?: boolean;
  readonly dash?: readonly number[];
}

export interface PlotProps {
  readonly x: readonly number[];
  readonly series: readonly Series[];
  readonly height: number;
  readonly isTime?: boolean;
  readonly isLogarithmic?: boolean;
  readonly xAxis: Axis;
  readonly yAxis: Axis;
}

export interface Axis {
  /** What it shows, and its unit. */
  readonly name: string;
  /** What stands at its marks; "" = nothing. */
  readonly labels: (values: readonly number[]) => readonly string[];
}

export function Plot(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let plot = draw(element, props);
    const again = (): void => {
      plot.destroy();
      plot = draw(element, props);
    };
    const light = matchMedia("(prefers-color-scheme: dark)");
    light.addEventListener("change", again);
    const width = new ResizeObserver(() => {
      if (plot.width !== element.clientWidth && element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height: props.height });
    });
    width.observe(element);
    return () => {
      light.removeEventListener("change", again);
      width.disconnect();
      plot.destroy();
    };
  }, [props.x, props.series]);
  return <div class="plot" ref={place} aria-hidden="true" style={{ height: `${props.height}px` }} />;
}

function draw(element: HTMLElement, { x, series, height, isTime = false, isLogarithmic = false, xAxis, yAxis }: PlotProps): UPlot {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--faint"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif",
    labelSize,
  };
  return new UPlot(
    {
      width: Math.max(element.clientWidth, 200),
      height,
      legend: { show: false },
      cursor: { show: false },
      // Marks at whole minutes of what the labels say.
      tzDate: (seconds) => UPlot.tzDate(new Date(seconds * msPerSecond), "Etc/UTC"),
      scales: { x: { time: isTime, distr: isLogarithmic ? 3 : 1 } },
      axes: [
        {
          ...axis,
          ...(isTime ? { incrs: [...timeSteps] } : {}),
          label: xAxis.name,
          space: xSpace,
          size: xSize,
          values: (_, splits) => labelsOf(xAxis, splits),
        },
        { ...axis, label: yAxis.name, size: ySize, values: (_, splits) => labelsOf(yAxis, splits) },
      ],
      series: [
        {},
        ...series.map((each) => ({
          label: each.label,
          stroke: color(each.color),
          width: 2,
          points: { show: false },
          ...(each.dash === undefined ? {} : { dash: [...each.dash] }),
          ...(each.isFilled === true ? { fill: `${color(each.color)}33` } : {}),
          ...(each.isStepped === true && UPlot.paths.stepped !== undefined ? { paths: UPlot.paths.stepped({ align: 1 }) } : {}),
        })),
      ],
    },
    [x, ...series.map(({ values }) => values)] as UPlot.AlignedData,
    element,
  );
}

/** A logarithmic axis has marks without a label between those that have one. */
function labelsOf({ labels }: Axis, splits: readonly (number | null)[]): string[] {
  const texts = labels(splits.filter((value) => value !== null)).values();
  return splits.map((value) => (value === null ? "" : (texts.next().value ?? "")));
}
