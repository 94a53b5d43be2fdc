import { contract } from './declaration.js';
import { itemMethods } from './itemMethods.js';
import { runMethods } from './runMethods.js';
import { settingMethods } from './settingMethods.js';
import { submitMethods } from './submitMethods.js';
import { views } from './views.js';
import { windDownMethods } from './windDown.js';

/** Payments that wait for funds, in an order of their own, and the runs that settle them by net position. */
export const queue = contract.build({
  ...submitMethods,
  ...itemMethods,
  ...settingMethods,
  ...runMethods,
  ...windDownMethods,
  ...views,
});
