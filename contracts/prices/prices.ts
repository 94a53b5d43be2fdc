import { contract } from './declaration.js';
import { feedMethods } from './feeds.js';
import { publishingMethods } from './publishing.js';
import { views } from './views.js';

/** What instruments are worth, by whom central banks trust to say so. */
export const prices = contract.build({ ...feedMethods, ...publishingMethods, ...views });
