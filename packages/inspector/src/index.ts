export { inspectorPlugin, type InspectorPluginOptions } from './inspector-plugin.ts';
export { inspector, type Inspector, type KoaContext } from './inspector.ts';
export type { InspectorOptions, RedactedJob } from './options.ts';
