import type { Config } from '../settings/config.js';
import { type AnswerClient, createAnswerClient } from '../sources/answer.js';
import { userAgent } from '../runtime/version.js';

/** The client that feeds are asked by, as the settings want it. Close it when done. */
export function openPollClient(config: Config): AnswerClient {
  return createAnswerClient({
    userAgent: userAgent(config.contact),
    connectTimeoutMs: config.connectTimeoutMs,
    totalTimeoutMs: config.pollTimeoutMs,
    maxBodyBytes: config.maxBodyBytes,
    maxEncodedBytes: config.maxEncodedBytes,
    maxSocketsPerHost: config.requestsPerHost,
  });
}
