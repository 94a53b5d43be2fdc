import { type Profiler, Session } from 'node:inspector/promises';
import { answerQuestions } from '../instrument/threadAnswers.js';

/** An instrument: the first question starts a profile of every thread, the second ends it and takes it. */

const INTERVAL_US = 500;

const session = new Session();

async function begin(): Promise<undefined> {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
}

async function end(): Promise<Profiler.Profile> {
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return profile;
}

answerQuestions((question) => (question === 1 ? begin() : end()));
