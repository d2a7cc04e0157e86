import { type Channel, channel } from 'node:diagnostics_channel';

// By name: all copies of this package, and those of other versions, publish on the same ones.
// One constant each, since the hot path reads `hasSubscribers` of some.

export const jobSpawn: Channel = channel('outlive:job:spawn');
export const jobStart: Channel = channel('outlive:job:start');
export const jobSettle: Channel = channel('outlive:job:settle');
export const jobCancel: Channel = channel('outlive:job:cancel');
export const jobRefuse: Channel = channel('outlive:job:refuse');
export const jobRetry: Channel = channel('outlive:job:retry');
export const schedulerDrain: Channel = channel('outlive:scheduler:drain');
export const schedulerClose: Channel = channel('outlive:scheduler:close');
export const schedulerStall: Channel = channel('outlive:scheduler:stall');
