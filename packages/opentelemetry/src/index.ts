export { instrumentOutlive, OutliveInstrumentation } from './instrumentation.ts';
export type { OutliveInstrumentationOptions } from './options.ts';
