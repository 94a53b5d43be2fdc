import { serveLab } from './labWorker.js';
import { poisonContract } from './poison.js';

/** The executor's thread with a contract that breaks it. */
serveLab(poisonContract());
