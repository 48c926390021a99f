import {
  BarController,
  BarElement,
  CategoryScale,
  Chart as Drawn,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartType,
  type Plugin,
} from 'chart.js';
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix';

/** How the day that is pointed at is marked: a line, or a band as wide as its bar has room. */
export interface Pointer {
  colour: string;
  look: 'line' | 'band';
}

declare module 'chart.js' {
  // oxlint-disable-next-line no-unused-vars -- what is merged must have the same parameters
  interface PluginOptionsByType<TType extends ChartType> {
    pointer: Pointer | false;
  }
}

/** Marks behind the figures which day they are of. */
const pointer: Plugin<ChartType, Pointer> = {
  id: 'pointer',
  beforeDatasetsDraw({ ctx, chartArea, data, tooltip }, _event, { colour, look }) {
    const [figure] = tooltip?.getActiveElements() ?? [];
    if (!figure || !colour) return;
    const width = look === 'band' ? chartArea.width / data.labels!.length : 1;
    ctx.save();
    ctx.fillStyle = colour;
    ctx.fillRect(figure.element.x - width / 2, chartArea.top, width, chartArea.height);
    ctx.restore();
  },
};

/** The parts of Chart.js that are used here, and no others. */
Drawn.register(
  BarController,
  BarElement,
  LineController,
  LineElement,
  PointElement,
  MatrixController,
  MatrixElement,
  CategoryScale,
  LinearScale,
  Tooltip,
  pointer,
);

export { Drawn };
