import { contract } from './declaration.js';
import { drawingMethods } from './drawing.js';
import { liquidationMethods } from './liquidation.js';
import { callMethods } from './marginCalls.js';
import { poolMethods } from './pools.js';
import { facilityMethods, scheduleMethods } from './terms.js';
import { views } from './views.js';

/** Intraday credit of the central banks, against collateral. */
export const credit = contract.build({
  ...facilityMethods,
  ...scheduleMethods,
  ...poolMethods,
  ...drawingMethods,
  ...callMethods,
  ...liquidationMethods,
  ...views,
});
