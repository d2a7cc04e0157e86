import type { Driver } from './driver.ts';
import { describeAfter } from './scenarios/after.ts';
import { describeAtomic } from './scenarios/atomic.ts';
import { describeBackground } from './scenarios/background.ts';
import { describeConnections } from './scenarios/connections.ts';
import { describeDecorated } from './scenarios/decorated.ts';
import { describeDisconnect } from './scenarios/disconnect.ts';
import { describeErrors } from './scenarios/errors.ts';
import { describeLookUp } from './scenarios/look-up.ts';
import { describeNested } from './scenarios/nested.ts';
import { describeOverload } from './scenarios/overload.ts';
import { describeQueued } from './scenarios/queued.ts';
import { describeUnchanged } from './scenarios/unchanged.ts';

/** What every adapter promises, for one version of one framework. */
export function describeConformance(driver: Driver): void {
  describe(driver.name, () => {
    describeLookUp(driver);
    describeBackground(driver);
    describeAfter(driver);
    describeAtomic(driver);
    describeDecorated(driver);
    describeNested(driver);
    describeErrors(driver);
    describeOverload(driver);
    describeDisconnect(driver);
    describeConnections(driver);
    describeQueued(driver);
    describeUnchanged(driver);
  });
}
