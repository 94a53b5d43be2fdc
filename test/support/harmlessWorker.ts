import { serveLab } from './labWorker.js';
import { poisonContract } from './poison.js';

/** The same, where the contract does no harm. */
serveLab(poisonContract(true));
