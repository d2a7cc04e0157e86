import { setMaxListeners } from 'node:events';

// Node 20 prints a warning of a leak for the eleventh listener of a signal, the later ones for none. Signals of ours
// are for many: all the jobs of a scheduler may listen to its drain, a job may pass its own to twenty requests.
const warns = process.versions.node.startsWith('20.');

export function newController(): AbortController {
  const controller = new AbortController();
  if (warns) setMaxListeners(0, controller.signal);
  return controller;
}
