import type { Driver } from './driver.ts';
import { describeAfter } from './scenarios/request/after.ts';
import { describeAtomic } from './scenarios/atomic/atomic.ts';
import { describeBackground } from './scenarios/request/background.ts';
import { describeClosing } from './scenarios/connections/closing.ts';
import { describeConnections } from './scenarios/connections/connections.ts';
import { describeDecorated } from './scenarios/atomic/decorated.ts';
import { describeDisconnect } from './scenarios/request/disconnect.ts';
import { describeErrors } from './scenarios/listener/errors.ts';
import { describeLookUp } from './scenarios/request/look-up.ts';
import { describeNested } from './scenarios/atomic/nested.ts';
import { describeCancelled } from './scenarios/atomic/cancelled.ts';
import { describeOverload } from './scenarios/atomic/overload.ts';
import { describeGroup } from './scenarios/request/group.ts';
import { describeQueued } from './scenarios/atomic/queued.ts';
import { describeUnchanged } from './scenarios/listener/unchanged.ts';

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
    describeCancelled(driver);
    describeOverload(driver);
    describeDisconnect(driver);
    describeConnections(driver);
    describeClosing(driver);
    describeQueued(driver);
    describeGroup(driver);
    describeUnchanged(driver);
  });
}
