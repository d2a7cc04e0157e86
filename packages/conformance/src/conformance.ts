import type { Driver } from './driver.ts';
import { describeAfter } from './scenarios/after.ts';
import { describeBackground } from './scenarios/background.ts';
import { describeConnections } from './scenarios/connections.ts';
import { describeDisconnect } from './scenarios/disconnect.ts';
import { describeLookUp } from './scenarios/look-up.ts';
import { describeQueued } from './scenarios/queued.ts';

/** What every adapter promises, for one version of one framework. */
export function describeConformance(driver: Driver): void {
  describe(driver.name, () => {
    describeLookUp(driver);
    describeBackground(driver);
    describeAfter(driver);
    describeDisconnect(driver);
    describeConnections(driver);
    describeQueued(driver);
  });
}
