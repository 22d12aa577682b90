/** One line of a plot: a value for each size. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  readonly title: string;
  /** Of the values. */
  readonly unit: string;
  readonly series: readonly Series[];
}

const PANEL = { width: 300, height: 240, left: 58, right: 16, top: 34, bottom: 40 } as const;
const COLOURS = ['#1b6ec2', '#c2571b', '#2e8b57'] as const;

/** Panels beside one another as SVG, both axes logarithmic: what grows in proportion is a straight line. */
export function plot(title: string, xTitle: string, panels: readonly Panel[]): string {
  const width = panels.length * PANEL.width;
  const height = PANEL.height + 30;
  const body = panels.map((panel, at) => drawPanel(panel, xTitle, at * PANEL.width)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" role="img">
<title>${escape(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="12" y="18" font-size="13" font-weight="bold">${escape(title)}</text>
${body}
</svg>
`;
}

function drawPanel({ title, unit, series }: Panel, xTitle: string, offset: number): string {
  const all = series.flatMap(({ points }) => points);
  const x = axis(
    all.map(([value]) => value),
    PANEL.left,
    PANEL.width - PANEL.right,
  );
  const y = axis(
    all.map(([, value]) => value),
    PANEL.height - PANEL.bottom,
    PANEL.top,
  );
  const parts = [
    `<text x="${PANEL.left}" y="22" font-weight="bold">${escape(title)}, ${escape(unit)}</text>`,
    `<text x="${(PANEL.left + PANEL.width - PANEL.right) / 2}" y="${PANEL.height - 8}" text-anchor="middle">${escape(xTitle)}</text>`,
    ...x.ticks.map((tick) => gridLine(x.at(tick), PANEL.top, x.at(tick), PANEL.height - PANEL.bottom)),
    ...y.ticks.map((tick) => gridLine(PANEL.left, y.at(tick), PANEL.width - PANEL.right, y.at(tick))),
    ...x.ticks.map(
      (tick) => `<text x="${x.at(tick)}" y="${PANEL.height - 24}" text-anchor="middle">${printTick(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) => `<text x="${PANEL.left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${printTick(tick)}</text>`,
    ),
    ...series.flatMap(({ name, points }, at) => {
      const colour = COLOURS[at % COLOURS.length] ?? COLOURS[0];
      const places = points.map(([px, py]) => `${x.at(px)},${y.at(py)}`);
      return [
        `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...points.map(([px, py]) => `<circle cx="${x.at(px)}" cy="${y.at(py)}" r="3" fill="${colour}"/>`),
        `<text x="${PANEL.left + 8}" y="${PANEL.top + 14 + at * 14}" fill="${colour}">${escape(name)}</text>`,
      ];
    }),
  ];
  return `<g transform="translate(${offset} 26)">\n${parts.join('\n')}\n</g>`;
}

interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** From a power of ten at or below the least value to one at or above the greatest. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const at = (value: number): number => {
    const share = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
    return Math.round((from + share * (to - from)) * 10) / 10;
  };
  return { ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)), at };
}

function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#dddddd"/>`;
}

function printTick(value: number): string {
  return value >= 1000 ? `${value / 1000}k` : String(value);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
