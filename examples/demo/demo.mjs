// @ts-check
// A shop is told to stop in the middle of its orders: once with Outlive, once without. Exits with 0 only
// if Outlive lost nothing and did nothing twice.
import { tellStory } from './account.mjs';
import { faultsOf } from './faults.mjs';
import { runShop } from './run.mjs';

const [withOutlive, without] = await Promise.all([runShop('with'), runShop('without')]);

console.log(tellStory(withOutlive, without));
process.exitCode = faultsOf(withOutlive).length === 0 ? 0 : 1;
